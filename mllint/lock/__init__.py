"""What an image installs in, a file that installs the same again, version by version, out."""
