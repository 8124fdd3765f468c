"""Text of a pip requirements or constraints file in, requirement and option lines out.

Reads the file format that pip documents; opens no other file (`-r` stays a line) and expands no
environment variable (`${NAME}` is left in place; pip expands it when it runs).
"""

from dataclasses import dataclass

from packaging.requirements import Requirement

from mllint.parse.source import MappedText, SourceFile, Span


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """One requirement.

    requirement: the parsed PEP 508 requirement, or None for a bare URL, a path or an editable.
    name: canonical name (PEP 503) when known: from the requirement, `#egg=`, or a wheel's file
    name; else None. url: URL or path for direct references. hashes: `sha256:…` values.
    options: per-requirement options (`--config-settings=…`), as (name, value).
    text: as written without hashes, options and comment. span: of `text` in the file.
    """

    requirement: Requirement | None
    name: str | None
    url: str | None
    editable: bool
    hashes: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class OptionLine:
    """A global option; `name` in its long form (`--requirement` for `-r`), "" value for a bare one."""

    name: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that pip refuses, with pip's reason in our words."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class RequirementFile:
    """The lines of one file in order; comments are kept apart for ignore comments."""

    path: str
    requirements: tuple[RequirementLine, ...]
    options: tuple[OptionLine, ...]
    bad: tuple[BadLine, ...]


def parse_requirements(source: SourceFile) -> RequirementFile:
    """The lines of `source`; never raises: what pip would refuse is in `bad`."""
    raise NotImplementedError


def parse_requirement(text: MappedText, *, editable: bool = False) -> RequirementLine | BadLine:
    """One requirement as written on a command line or in a file, without options or hashes."""
    raise NotImplementedError
