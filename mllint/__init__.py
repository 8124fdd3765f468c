"""Lint and verification for machine-learning Dockerfiles."""

__version__ = "0.1.0"
