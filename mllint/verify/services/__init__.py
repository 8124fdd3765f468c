"""A service of a compose file in, how its image is built and its container run, out."""
