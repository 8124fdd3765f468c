"""Names of distributions in; which share a module, cannot be had, or need NumPy 1, out."""

from enum import Enum
from functools import cached_property
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, read_rows

# The index serves all of these that the builds of torch ask for.
_SERVED_PREFIXES = ("nvidia-", "rocm-")


class NumpyBuild(NamedTuple):
    """Which releases of a package need NumPy 1.

    compiled: those whose modules do not load, or do not work, with NumPy 2. capped: those whose
    metadata refuses NumPy 2. module: what is imported.
    """

    package: str
    compiled: SpecifierSet | None
    capped: SpecifierSet | None
    module: str
    confidence: Confidence


class TwinPackage(NamedTuple):
    """A distribution that shares its `module` with others, which it cannot stand beside."""

    package: str
    module: str
    confidence: Confidence


class ForeignPackage(NamedTuple):
    """A distribution whose releases `versions` have no file for Linux, only for `system`."""

    package: str
    system: str
    versions: SpecifierSet
    confidence: Confidence


class RetirementFault(Enum):
    """Why pip cannot install it."""

    REFUSES = "refuses"  # its own setup.py ends with an error
    ABSENT = "absent"  # the public index has no such name
    METADATA = "metadata"  # pip from release 24.1 on does not read what it requires


class RetiredPackage(NamedTuple):
    """Releases that pip cannot install any more; instead: what to ask for, None: a later one.

    newest: the newest release, where it is one of these. variable: lets it be installed all the
    same.
    """

    package: str
    versions: SpecifierSet
    newest: Version | None
    fault: RetirementFault
    instead: str | None
    variable: str | None
    confidence: Confidence


class PytorchIndexName(NamedTuple):
    """A distribution that PyTorch's index serves."""

    package: str


class DistributionTable:
    """numpy_builds, twin_packages, foreign_packages, retired_packages and pytorch_index."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def numpy_builds(self) -> tuple[NumpyBuild, ...]:
        """Every package known to need NumPy 1 in some release."""
        return read_rows(self._folder / "numpy_builds.csv", NumpyBuild)

    @cached_property
    def twins(self) -> dict[str, tuple[str, ...]]:
        """The distributions that install each shared module, by module."""
        found: dict[str, tuple[str, ...]] = {}
        for row in read_rows(self._folder / "twin_packages.csv", TwinPackage):
            found[row.module] = (*found.get(row.module, ()), row.package)
        return found

    @cached_property
    def _foreign(self) -> dict[str, ForeignPackage]:
        rows = read_rows(self._folder / "foreign_packages.csv", ForeignPackage)
        return {row.package: row for row in rows}

    @cached_property
    def _retired(self) -> dict[str, RetiredPackage]:
        rows = read_rows(self._folder / "retired_packages.csv", RetiredPackage)
        return {row.package: row for row in rows}

    @cached_property
    def _on_pytorch_index(self) -> frozenset[str]:
        rows = read_rows(self._folder / "pytorch_index.csv", PytorchIndexName)
        return frozenset(row.package for row in rows)

    def foreign(self, package: str) -> ForeignPackage | None:
        """The row of a package that no Linux can install, None for all others."""
        return self._foreign.get(package)

    def retired(self, package: str) -> RetiredPackage | None:
        """The row of a package that pip cannot install any more in some releases, or None."""
        return self._retired.get(package)

    def on_pytorch_index(self, package: str) -> bool:
        """Whether PyTorch's own index serves the package in some release."""
        return package in self._on_pytorch_index or package.startswith(_SERVED_PREFIXES)


def covers(versions: SpecifierSet, version: Version) -> bool:
    """Whether the releases of a row are those of `version`, its local part aside."""
    return versions.contains(version.public, prereleases=True)
