"""Builds of packages: torch and its companions, CUDA variants, and which wheels fit."""
