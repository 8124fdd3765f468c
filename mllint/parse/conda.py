"""The text of a conda environment.yml in, its channels, specs and pip lines out.

Opens no other file: what the pip section includes with `-r` stays a line.
"""

from mllint.errors import InputError
from mllint.named_tuple import NamedTuple
from mllint.parse.source import SourceFile, Span
from mllint.parse.yaml_text import Yaml, load_yaml


class CondaSpec(NamedTuple):
    """One conda dependency as written, `pytorch::pytorch=2.1`, and where it stands."""

    text: str
    span: Span


class CondaEnvironment(NamedTuple):
    """What an environment file asks for.

    name, prefix: None when it does not say. pip: the pip section as a requirements file of which
    every line keeps its number, None when there is none.
    """

    path: str
    name: str | None
    prefix: str | None
    channels: tuple[str, ...]
    specs: tuple[CondaSpec, ...]
    pip: SourceFile | None


def read_conda_environment(source: SourceFile) -> CondaEnvironment:
    """The environment; raises InputError, with file and line, when the text is none."""
    document = load_yaml(source)
    if document is None or not isinstance(document.value, dict):
        line = document.span.line if document else None
        raise InputError("is no conda environment: a mapping is expected", source.path, line)
    listed = document.entries.get("dependencies")
    if listed is not None and listed.value is not None and not isinstance(listed.value, tuple):
        message = "dependencies is no list"
        raise InputError(message, source.path, (listed.key or listed.span).line)
    specs: list[CondaSpec] = []
    pip: list[Yaml] = []
    for item in listed.items if listed is not None else ():
        if item.text is not None:
            specs.append(CondaSpec(item.text, item.span))
        for name, section in item.entries.items():
            if name == "pip":
                pip += section.items
    return CondaEnvironment(
        source.path,
        _text(document, "name"),
        _text(document, "prefix"),
        tuple(item.text for item in _items(document, "channels") if item.text),
        tuple(specs),
        _as_requirements(source, pip) if pip else None,
    )


def _text(document: Yaml, name: str) -> str | None:
    entry = document.entries.get(name)
    return entry.text if entry is not None else None


def _items(document: Yaml, name: str) -> tuple[Yaml, ...]:
    entry = document.entries.get(name)
    return entry.items if entry is not None else ()


def _as_requirements(source: SourceFile, items: list[Yaml]) -> SourceFile:
    """The lines of the pip section at the places where they stand, everything else left out."""
    lines = [""] * len(source.lines)
    for item in items:
        if item.text is not None and not lines[item.span.line - 1]:
            indent = item.span.column - 1 + item.quoted
            lines[item.span.line - 1] = " " * indent + item.text.replace("\n", " ")
    return SourceFile(source.path, "\n".join(lines))
