"""What the requirement and constraint files of one command say, and what could not be had."""

from dataclasses import dataclass, field

from packaging.version import Version

from mllint.facts.installs.install import AbsentFile, Limit, Written
from mllint.facts.unknown import PerhapsUnset, Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.requirements import BadLine, RequirementLine
from mllint.parse.source import Location


class FoundRequirement(NamedTuple):
    """A requirement line and where it stands; `constraint` when it only limits versions.

    override: it stands in the place of what packages ask for (uv's `--override`).
    """

    line: RequirementLine
    location: Location
    constraint: bool
    override: bool = False

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
    each with the location that names the file; `constraints_missing` for constraint files,
    `constraints_perhaps` for one that a variable of the base image may name. files:
    what was read, as shown. refused: lines that pip does not take; absent: files that no
    instruction puts there, though the context is known, with the location that names them.
    visited: (path in the image, constraint) of what was followed; a second time adds nothing, and
    files that each include the next one twice would be read 2^n times.
    """

    requirements: list[FoundRequirement] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    missing: list[tuple[Location, str]] = field(default_factory=list)
    constraints_missing: list[tuple[Location, str]] = field(default_factory=list)
    constraints_perhaps: PerhapsUnset | None = None
    files: dict[str, None] = field(default_factory=dict)
    refused: list[tuple[Location, BadLine]] = field(default_factory=list)
    absent: list[tuple[Location, AbsentFile]] = field(default_factory=list)
    visited: set[tuple[str, bool]] = field(default_factory=set)


@dataclass(slots=True, eq=False, repr=False)
class Constraints:
    """What limits versions, by package; unread: why a file was not read, of the first such one.

    perhaps: why there may be a file that no instruction of the project names.
    """

    by_name: dict[str, FoundRequirement] = field(default_factory=dict)
    unread: str | None = None
    perhaps: PerhapsUnset | None = None
    limits: tuple[Limit, ...] = ()

    @property
    def names(self) -> frozenset[str] | Unknown:
        """The packages that are held."""
        if self.unread is not None:
            return Unknown(f"a constraint file was not read: {self.unread}")
        return frozenset(self.by_name) if self.perhaps is None else self.perhaps

    def pin(self, name: str | None) -> Version | Unknown | None:
        """The version that a package is held to; None for a free one."""
        found = self.by_name.get(name or "")
        if found is not None and found.line.requirement is not None:
            for specifier in found.line.requirement.specifier:
                if specifier.operator == "==" and not specifier.version.endswith(".*"):
                    return Version(specifier.version)
            return Unknown("a constraint limits the version")
        names = self.names
        return names if isinstance(names, Unknown) else None


def constraints_of(found: FoundFiles) -> Constraints:
    """What the constraint files among those of a command say."""
    held = {
        requirement.line.name: requirement
        for requirement in found.requirements
        if requirement.constraint and requirement.line.name
    }
    limits = tuple(
        Limit(str(each.line.requirement), each.location, each.override)
        for each in found.requirements
        if each.constraint and each.line.requirement is not None
    )
    unread = next((why for _, why in found.constraints_missing), None)
    return Constraints(held, unread, found.constraints_perhaps, limits)
