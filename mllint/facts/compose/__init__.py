"""Compose and bake files: what is merged, its services, and the images they build."""
