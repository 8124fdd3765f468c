"""The plan and what was measured in, each prediction confirmed or refuted out."""
