"""What the instructions of a stage do: variables, commands that run, files that are copied."""
