"""Model weights: what a build fetches, and where they are kept."""
