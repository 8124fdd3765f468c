"""A report in, text for a person or a program out; knows findings only."""
