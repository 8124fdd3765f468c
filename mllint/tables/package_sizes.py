"""A package, its version and build in, what it takes on the disk at least, out."""

from functools import cached_property
from pathlib import Path

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, read_rows


class PackageSize(NamedTuple):
    """The least that one build of a release takes when it is unpacked, on Linux x86-64.

    variant: `cu124`, as in torch_variants.csv. own_mb: its own files. required_mb: those of the
    wheels that it requires at exact versions, as NVIDIA's.
    """

    package: str
    version: Version
    variant: str
    own_mb: int
    required_mb: int
    confidence: Confidence


class PackageSizeTable:
    """package_sizes.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _rows(self) -> tuple[PackageSize, ...]:
        return read_rows(self._folder / "package_sizes.csv", PackageSize)

    def size(self, package: str, version: Version, variant: str) -> PackageSize | None:
        """The row of that build; the local part of the version is ignored. None: not known."""
        key = (package, Version(version.public), variant)
        return next((r for r in self._rows if (r.package, r.version, r.variant) == key), None)
