"""Packages of the distribution: what is installed, from where, and what the build leaves."""
