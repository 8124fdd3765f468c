"""Debian package names in, whether a release's archive has them, out."""

import re
from enum import Enum
from functools import cached_property
from pathlib import Path

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, RowGroups, read_rows


class AptState(Enum):
    """What `apt-get install NAME` finds."""

    PRESENT = "present"
    ABSENT = "absent"
    PROVIDED = "provided"  # one other package provides the name: it installs
    AMBIGUOUS = "ambiguous"  # several provide it: apt-get stops and asks to choose


class AptChange(Enum):
    """Why a name stopped working."""

    REMOVED = "removed"
    RENAMED = "renamed"
    SPLIT = "split"  # several packages took its place
    VERSIONED = "versioned"  # each release has its own
    ABSENT = "absent"  # never in an archive
    DEBIAN_ONLY = "debian-only"
    UBUNTU_ONLY = "ubuntu-only"


class AptPackage(NamedTuple):
    """One package name; a state is None where it is not known."""

    package: str
    debian_11: AptState | None
    debian_12: AptState | None
    debian_13: AptState | None
    debian_14: AptState | None
    ubuntu_20_04: AptState | None
    ubuntu_22_04: AptState | None
    ubuntu_24_04: AptState | None
    confidence_debian: Confidence
    confidence_ubuntu: Confidence | None


class AptReplacement(NamedTuple):
    """What to write in place of a name; None where nothing takes its place.

    same_library: the new name also installs on the older releases, and brings what the old one
    brought.
    """

    package: str
    change: AptChange
    replacement: str | None
    same_library: bool


class AptPpaRelease(NamedTuple):
    """A release for which a personal package archive no longer has packages.

    prefix: how the names of its packages begin. deleted: ISO date, the first day it was seen.
    """

    ppa: str
    distro: str
    release: str
    prefix: str
    deleted: str
    confidence: Confidence


class StaleKeyImage(NamedTuple):
    """Images whose list of NVIDIA's packages is signed by a key that they do not have.

    tag: a regular expression for the whole tag.
    """

    image: str
    tag: str
    confidence: Confidence


class AptTable:
    """The tables apt_*.csv; packages of the main archive (for Ubuntu also universe)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _packages(self) -> RowGroups[AptPackage]:
        return RowGroups(self._folder / "apt_packages.csv", AptPackage)

    @cached_property
    def _replacements(self) -> dict[str, AptReplacement]:
        rows = read_rows(self._folder / "apt_replacements.csv", AptReplacement)
        return {row.package: row for row in rows}

    @cached_property
    def _ppas(self) -> tuple[AptPpaRelease, ...]:
        return read_rows(self._folder / "apt_ppas.csv", AptPpaRelease)

    @cached_property
    def _stale_keys(self) -> tuple[StaleKeyImage, ...]:
        return read_rows(self._folder / "apt_stale_keys.csv", StaleKeyImage)

    def has_stale_key(self, image: str, tag: str) -> bool:
        """Whether the image is known to lack the key that signs NVIDIA's packages today."""
        return any(
            row.image == image and re.fullmatch(row.tag, tag) is not None
            for row in self._stale_keys
        )

    def state(self, package: str, distro: str, release: str) -> AptState | None:
        """What the archive of (`debian`, `12`) has under that name; None when it is not known."""
        row = self._packages.first(package)
        if row is None or distro not in ("debian", "ubuntu"):
            return None
        state: AptState | None = getattr(row, f"{distro}_{release.replace('.', '_')}", None)
        return state

    def confidence(self, package: str, distro: str) -> Confidence | None:
        """How sure `state` is for a package on `debian` or `ubuntu`; None without a row."""
        row = self._packages.first(package)
        if row is None:
            return None
        return row.confidence_debian if distro == "debian" else row.confidence_ubuntu

    def replacement(self, package: str) -> AptReplacement | None:
        """What became of a name, or None when nothing is known to have changed."""
        return self._replacements.get(package)

    def emptied_ppa(
        self, ppa: str, package: str, distro: str, release: str
    ) -> AptPpaRelease | None:
        """The row that says that `ppa` had `package` for that release and deleted it, or None."""
        for row in self._ppas:
            if (row.ppa, row.distro, row.release) == (ppa, distro, release):
                return row if package.startswith(row.prefix) else None
        return None
