"""What the requirement files of one command say: lines, options, and what could not be had."""

from dataclasses import dataclass, field

from mllint.facts.installs.install import AbsentFile, Written
from mllint.named_tuple import NamedTuple
from mllint.parse.requirements import BadLine, RequirementLine
from mllint.parse.source import Location


class FoundRequirement(NamedTuple):
    """A requirement line and where it stands; `constraint` when it only limits versions."""

    line: RequirementLine
    location: Location
    constraint: bool

    @property
    def written(self) -> Written:
        r"""As a line; its text does not stand to the letter when `\\` breaks it into lines."""
        span, text = self.location.span, self.line.text
        plain = span.line == span.end_line and span.end_column - span.column == len(text)
        return Written(True, span if plain else None)


@dataclass(slots=True, eq=False, repr=False)
class FoundFiles:
    """All that the requirement files of one command say, in order.

    options: (long name, value) of in-file options; missing: reasons why content is not known,
    each with the location that names the file; `constraints_missing` for constraint files. files:
    what was read, as shown. refused: lines that pip does not take; absent: files that no
    instruction puts there, though the context is known, with the location that names them.
    visited: (path in the image, constraint) of what was followed; a second time adds nothing, and
    files that each include the next one twice would be read 2^n times.
    """

    requirements: list[FoundRequirement] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    missing: list[tuple[Location, str]] = field(default_factory=list)
    constraints_missing: list[tuple[Location, str]] = field(default_factory=list)
    files: dict[str, None] = field(default_factory=dict)
    refused: list[tuple[Location, BadLine]] = field(default_factory=list)
    absent: list[tuple[Location, AbsentFile]] = field(default_factory=list)
    visited: set[tuple[str, bool]] = field(default_factory=set)
