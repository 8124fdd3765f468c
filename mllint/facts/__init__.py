"""Syntax in, what the image will hold out: facts and `Unknown`, never opinions."""
