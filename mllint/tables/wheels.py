"""Pinned ML packages in; for which Pythons and C libraries each release has a wheel, out."""

import re
from functools import cache, cached_property
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.tables.rows import Confidence, RowGroups

_PYTHON_TAG = lazy(
    r"""
    (?P<kind>cp|py)
    (?P<major>3) (?P<minor>\d*)
    (?P<rest>-abi3 | t)?       # t: free-threaded build
    """,
    re.VERBOSE,
)


class WheelRelease(NamedTuple):
    """The files of one release on the default index, for Linux x86-64.

    python_tags: `cp311`, `cp39-abi3`, `py3`, `cp313t`; empty when there is no wheel. glibc_min: the
    lowest that a wheel's name asks for, None for wheels without a platform or no wheel. musl: a
    wheel installs on Alpine. aarch64: a Linux aarch64 wheel exists. sdist: pip can build from
    source.
    """

    package: str
    version: Version
    requires_python: SpecifierSet | None
    python_tags: tuple[str, ...]
    glibc_min: Version | None
    musl: bool
    aarch64: bool | None
    sdist: bool | None
    confidence: Confidence

    def has_wheel(self, python: Version) -> bool:
        """Whether a wheel fits that CPython: its X.Y counts; free-threaded builds are left out."""
        return any(_tag_fits(tag, python.major, python.minor) for tag in self.python_tags)

    def accepts_python(self, python: Version) -> bool | None:
        """Whether Requires-Python allows it; None when that needs a patch release not given."""
        if self.requires_python is None:
            return True
        allowed = self.requires_python.contains(python, prereleases=True)
        if len(python.release) > 2:
            return allowed
        # 3.11 stands for any 3.11.x: `>=3.11.4` or `!=3.11.1` leave it open.
        last = Version(f"{python.major}.{python.minor}.99")
        return allowed if allowed == self.requires_python.contains(last) else None


@cache  # a few dozen tags stand in thousands of rows
def _tag_fits(tag: str, major: int, wanted: int) -> bool:
    match = _PYTHON_TAG.fullmatch(tag)
    if match is None or match["rest"] == "t":
        return False
    minor = int(match["minor"] or 0)
    if match["kind"] == "py" or match["rest"] == "-abi3":
        return major == 3 and wanted >= minor
    return major == 3 and wanted == minor


def _is_plain(tag: re.Match[str]) -> bool:
    """Whether a tag names one release of CPython: `cp311`, not `py3` or `cp39-abi3`."""
    return tag["kind"] == "cp" and bool(tag["minor"]) and not tag["rest"]


class WheelTable:
    """package_wheels.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _rows(self) -> RowGroups[WheelRelease]:
        return RowGroups(self._folder / "package_wheels.csv", WheelRelease)

    @property
    def packages(self) -> frozenset[str]:
        """The packages covered, by canonical name."""
        return frozenset(self._rows.keys)

    @cached_property
    def pythons(self) -> tuple[Version, ...]:
        """The minor releases of CPython 3 for which any package has a wheel, oldest first."""
        tags = {tag for cell in self._rows.texts("python_tags") for tag in cell.split()}
        matches = (_PYTHON_TAG.fullmatch(tag) for tag in tags)
        minors = {int(match["minor"]) for match in matches if match and _is_plain(match)}
        return tuple(Version(f"3.{minor}") for minor in sorted(minors))

    @property
    def newest_python(self) -> Version:
        """The last patch release that counts as known: of later Pythons nothing is known."""
        return Version(f"{self.pythons[-1]}.99")

    def release(self, package: str, version: Version) -> WheelRelease | None:
        """The release (a local part of `version` is ignored), or None when it is not known."""
        public = Version(version.public)
        return next((row for row in self.releases(package) if row.version == public), None)

    def releases(self, package: str) -> tuple[WheelRelease, ...]:
        """The known releases of a package, oldest first."""
        return self._rows.rows(package)

    def newest(self, package: str) -> Version | None:
        """The newest known release; of later ones nothing is known."""
        return max((row.version for row in self.releases(package)), default=None)

    def within(self, package: str, specifier: SpecifierSet) -> tuple[WheelRelease, ...]:
        """The known releases of a range, oldest first; () where later ones may be in it as well."""
        newest = self.newest(package)
        if newest is None:
            return ()
        beyond = (f"{newest.major}.{newest.minor + 1}", f"{newest.major + 1}", "99999")
        if any(specifier.contains(version) for version in beyond):
            return ()
        return tuple(row for row in self.releases(package) if specifier.contains(row.version))

    def newest_for(self, package: str, python: Version) -> Version | None:
        """The newest known release with a wheel for that CPython, or None."""
        newest_first = reversed(self.releases(package))
        return next((row.version for row in newest_first if row.has_wheel(python)), None)

    def never_musl(self, package: str) -> bool:
        """Whether no known release of a covered package has a wheel that installs on Alpine."""
        return package in self.packages and not any(row.musl for row in self.releases(package))
