"""Edits of an install command or a requirement file: an index added, a version text replaced."""

from mllint.facts.installs.install import Install
from mllint.finding import Edit
from mllint.parse.source import Location, Span


def add_extra_index(install: Install, url: str) -> Edit:
    """Add `--extra-index-url`: a line above the requirement in a file, else behind its word."""
    span = install.location.span
    if install.file is not None:
        start = Span(span.line, 1, span.line, 1)
        return Edit(Location(install.location.path, start), f"--extra-index-url {url}\n")
    end = Span(span.end_line, span.end_column, span.end_line, span.end_column)
    return Edit(Location(install.location.path, end), f" --extra-index-url {url}")
