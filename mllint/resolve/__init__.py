"""A project in, what the indexes answer to its install commands out; needs the program uv."""
