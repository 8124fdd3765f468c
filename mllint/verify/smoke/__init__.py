"""What the containers of an image told in, the checks of the smoke test out."""
