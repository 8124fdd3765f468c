"""The tags of the official python image: which exist, and which Debian each stands on."""

from functools import cached_property
from pathlib import Path

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import read_rows


class PythonImageVersion(NamedTuple):
    """The tags with one version part: `3`, `3.11`, `3.11.4`, or `latest` for tags without one.

    python: the minor release it means. full, slim, alpine: the suite (`bookworm`, `alpine3.20`)
    on which the tag without a suite (`3.11`, `3.11-slim`) stands, or last stood. suites: what
    follows the version part in the tags that name a suite (`bookworm`, `slim-bookworm`).
    moved_from, moved_on: the suite before, and the date of the last move. maintained: still built
    at the snapshot; else its tags stand as they are.
    """

    version: str
    python: Version
    full: str | None
    slim: str | None
    alpine: str | None
    suites: tuple[str, ...]
    moved_from: str | None
    moved_on: str | None
    maintained: bool


class PythonImageTable:
    """python_images.csv: every version part that the image has ever had."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _versions(self) -> dict[str, PythonImageVersion]:
        rows = read_rows(self._folder / "python_images.csv", PythonImageVersion)
        return {row.version: row for row in rows}

    def version(self, part: str) -> PythonImageVersion | None:
        """The row of a version part (`3.11`, `latest`), or None when no tag ever had it."""
        return self._versions.get(part)

    @cached_property
    def newest(self) -> Version:
        """The newest CPython release with an image; of later ones nothing is known."""
        parts = (part for part in self._versions if part != "latest")
        return max(map(Version, parts))

    def patches(self, minor: Version) -> tuple[Version, ...]:
        """The point releases (`3.11.4`) of a minor release (`3.11`) that ever had an image."""
        found = (row for row in self._versions.values() if row.python == minor)
        return tuple(Version(row.version) for row in found if row.version.count(".") == 2)

    @cached_property
    def suites(self) -> frozenset[str]:
        """Every suite that a tag ever named (`bookworm`, `slim-bookworm`, `alpine3.20`)."""
        return frozenset(suite for row in self._versions.values() for suite in row.suites)

    @cached_property
    def maintained_suites(self) -> frozenset[str]:
        """The suites for which images were still built at the snapshot."""
        return frozenset(
            suite
            for row in self._versions.values()
            if row.maintained and row.version.count(".") == 2
            for suite in row.suites
        )
