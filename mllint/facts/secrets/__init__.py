"""Secrets that end up in an image: values, files, and where they are exposed."""
