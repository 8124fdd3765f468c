"""Linux distributions: the Python, C library and support dates of each release."""

from enum import Enum
from functools import cached_property
from pathlib import Path

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, read_rows


class Archive(Enum):
    """Where a release's packages are; ARCHIVED: the configured servers no longer answer for it."""

    LIVE = "live"
    ARCHIVED = "archived"


class DistroRelease(NamedTuple):
    """One release; `distro` is the ID of os-release (`ubuntu`, `rhel`, `rocky`, `amzn`).

    python: the `python3` of the package manager; pythons: every X.Y it offers, empty when not
    known. externally_managed: that Python carries the PEP 668 marker. packages: `apt`, `dnf`,
    `apk`. eol, eol_extended: ISO dates.
    """

    distro: str
    release: str
    codename: str | None
    libc: str
    libc_version: Version | None
    python: Version | None
    pythons: tuple[Version, ...]
    externally_managed: bool
    packages: str
    archive: Archive
    eol: str | None
    eol_extended: str | None
    confidence: Confidence


class DistroTable:
    """distros.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def releases(self) -> tuple[DistroRelease, ...]:
        """Every release, in the order of the table."""
        return read_rows(self._folder / "distros.csv", DistroRelease)

    @cached_property
    def _by_release(self) -> dict[tuple[str, str], DistroRelease]:
        return {(row.distro, row.release): row for row in self.releases}

    @cached_property
    def _by_codename(self) -> dict[str, DistroRelease]:
        return {row.codename: row for row in self.releases if row.codename}

    def release(self, distro: str, release: str) -> DistroRelease | None:
        """The release (`ubuntu`, `22.04`), or None when the table does not know it."""
        return self._by_release.get((distro, release))

    def codename(self, codename: str) -> DistroRelease | None:
        """The Debian or Ubuntu release with that codename, or None."""
        return self._by_codename.get(codename)
