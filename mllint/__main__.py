"""`python -m mllint`: the command line in, its exit code out."""

from mllint.cli import main

main()
