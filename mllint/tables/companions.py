"""Packages that are built for one torch, in; what each of their releases requires, out."""

from functools import cached_property
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, RowGroups


class CompanionRelease(NamedTuple):
    """A release of a package around torch, with what its Linux wheel's metadata requires.

    A requirement is None when the metadata does not name that package, and an empty set when it
    names it without a version.
    """

    package: str
    version: Version
    released: str | None
    requires_python: SpecifierSet | None
    torch: SpecifierSet | None
    torchvision: SpecifierSet | None
    torchaudio: SpecifierSet | None
    numpy: SpecifierSet | None
    triton: SpecifierSet | None
    xformers: SpecifierSet | None
    transformers: SpecifierSet | None
    confidence: Confidence

    def accepts_torch(self, torch: Version) -> bool | None:
        """Whether `torch` satisfies the requirement; None when the metadata names no torch."""
        return None if self.torch is None else self.torch.contains(torch, prereleases=True)


class CompanionTable:
    """torch_companions.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _rows(self) -> RowGroups[CompanionRelease]:
        return RowGroups(self._folder / "torch_companions.csv", CompanionRelease)

    @property
    def packages(self) -> frozenset[str]:
        """The packages covered, by canonical name."""
        return frozenset(self._rows.keys)

    def release(self, package: str, version: Version) -> CompanionRelease | None:
        """The release (a local part of `version` is ignored), or None when it is not known."""
        public = Version(version.public)
        return next((row for row in self.releases(package) if row.version == public), None)

    def releases(self, package: str) -> tuple[CompanionRelease, ...]:
        """The known releases of a package, oldest first."""
        return self._rows.rows(package)

    def newest(self, package: str) -> Version | None:
        """The newest known release; of later ones nothing is known."""
        return max((row.version for row in self.releases(package)), default=None)

    def fitting(self, package: str, torch: Version) -> tuple[CompanionRelease, ...]:
        """The releases whose metadata names a torch that `torch` satisfies, oldest first."""
        return tuple(row for row in self.releases(package) if row.accepts_torch(torch))
