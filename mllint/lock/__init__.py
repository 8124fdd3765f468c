"""What is installed into an image in, a file that installs the same again, version by version, out."""
