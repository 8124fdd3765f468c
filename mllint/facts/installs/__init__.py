"""Commands and files that install Python packages, and what they ask for."""
