"""Python interpreters and environments of a stage, and what each holds."""
