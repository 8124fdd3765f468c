"""The constraint files of one command in, what they make of the version of a package out."""

from dataclasses import dataclass, field

from packaging.version import Version

from mllint.facts.installs.found_files import FoundFiles, FoundRequirement
from mllint.facts.unknown import Unknown


@dataclass(slots=True, eq=False, repr=False)
class Constraints:
    """What limits versions, by package; unread: why a file was not read, of the first such one."""

    by_name: dict[str, FoundRequirement] = field(default_factory=dict)
    unread: str | None = None

    @property
    def names(self) -> frozenset[str] | Unknown:
        """The packages that are held."""
        if self.unread is not None:
            return Unknown(f"a constraint file was not read: {self.unread}")
        return frozenset(self.by_name)

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
    return Constraints(held, next((why for _, why in found.constraints_missing), None))
