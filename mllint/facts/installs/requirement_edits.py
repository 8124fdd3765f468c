"""Edits of an install command or a requirement file: an index added, a version text replaced."""

from mllint.facts.installs.install import Install
from mllint.finding import Edit
from mllint.parse.source import Location, Span


def add_extra_index(install: Install, url: str) -> Edit | None:
    """Add `--extra-index-url`: a line above the requirement in a file, else behind its word.

    None where the line stands in a file of another kind: pyproject.toml, a lock, YAML.
    """
    span = install.location.span
    if install.metadata or install.locked or install.location.path.endswith((".yml", ".yaml")):
        return None
    if install.file is not None:
        start = Span(span.line, 1, span.line, 1)
        return Edit(Location(install.location.path, start), f"--extra-index-url {url}\n")
    end = Span(span.end_line, span.end_column, span.end_line, span.end_column)
    return Edit(Location(install.location.path, end), f" --extra-index-url {url}")


def how_to_add_index(install: Install, url: str) -> str:
    """What to type so that the installer asks one more index."""
    if install.metadata and install.installer.reads_sources:
        return f"name the index {url} in pyproject.toml, and make it the source of {install.name}"
    if install.location.path.endswith((".yml", ".yaml")):
        return f"add the line `- --extra-index-url {url}` above it"
    where = f" to `{install.installer.value} install`" if install.metadata else ""
    return f"add `--extra-index-url {url}`{where}"
