"""A Dockerfile and its context in, an image on an engine out, told step by step."""
