"""Python packages, apt packages and images in, the shared libraries they need or bring, out."""

import re
from functools import cached_property
from pathlib import Path

from packaging.specifiers import SpecifierSet

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, RowGroups, read_rows


class SharedLibrary(NamedTuple):
    """A library that the releases `versions` of a Python package need when imported as `module`."""

    distribution: str
    versions: SpecifierSet
    library: str
    apt_package: str
    module: str
    confidence: Confidence


class AptLibraries(NamedTuple):
    """The libraries that an apt package brings, and those that come with what it recommends."""

    package: str
    libraries: tuple[str, ...]
    with_recommends: tuple[str, ...]


class ImageLibraries(NamedTuple):
    """The libraries that an image holds or may hold; others_known: and certainly no other."""

    image: str
    tag: str
    libraries: tuple[str, ...]
    others_known: bool
    confidence: Confidence


class SharedLibraryTable:
    """shared_libraries.csv, apt_libraries.csv and image_libraries.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def needed(self) -> tuple[SharedLibrary, ...]:
        """Every known need."""
        return read_rows(self._folder / "shared_libraries.csv", SharedLibrary)

    @cached_property
    def _packages(self) -> RowGroups[AptLibraries]:
        return RowGroups(self._folder / "apt_libraries.csv", AptLibraries)

    @cached_property
    def _images(self) -> tuple[ImageLibraries, ...]:
        return read_rows(self._folder / "image_libraries.csv", ImageLibraries)

    def brought_by(self, package: str) -> frozenset[str] | None:
        """What an apt package may bring, recommended packages included; None: not known."""
        row = self._packages.first(package)
        return None if row is None else frozenset((*row.libraries, *row.with_recommends))

    def in_image(self, image: str, tag: str) -> frozenset[str] | None:
        """What an image may hold; None when others may be there, too."""
        for row in self._images:
            if row.image == image and re.fullmatch(row.tag, tag):
                return frozenset(row.libraries) if row.others_known else None
        return None
