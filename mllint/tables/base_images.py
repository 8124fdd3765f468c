"""Image names in, the rows that say what such a base image holds, out."""

import re
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import takewhile
from pathlib import Path

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, RowGroups, read_rows


class BaseImageRow(NamedTuple):
    """What the images with a name (may hold `*`) and a tag hold; the first row that fits counts.

    tag: a regular expression for the whole tag; its named groups fill `{name}` in the other cells.
    A cell that is None, or whose group is not known, is not known; `none` is known to be absent.
    commands: tell of cc, c++, gcc, g++, make, nvcc, git; others stand only where they are there.
    preinstalled: `name` or `name=version`. environment: a key of image_environments.csv.
    environment_unknown: beginnings of the variables that it sets to values not known.
    """

    image: str
    tag: str
    distro: str | None
    release: str | None
    libc: str | None
    python: str | None
    python_prefix: str | None
    python_origin: str | None
    externally_managed: bool | None
    pip: bool | None
    commands: str | None
    cuda: str | None
    cuda_flavor: str | None
    cudnn: str | None
    preinstalled: str | None
    environment: str | None
    environment_complete: bool | None
    environment_unknown: tuple[str, ...]
    user: str | None
    workdir: str | None
    confidence: Confidence


class ImageVariable(NamedTuple):
    """A variable that the images of one environment set; the value may hold `{name}`."""

    environment: str
    variable: str
    value: str


class RegistryMirror(NamedTuple):
    """A public copy: replacing `prefix` (a whole name, or up to a `/`) by `original` undoes it."""

    prefix: str
    original: str | None


class OfficialImage(NamedTuple):
    """An image of Docker Hub whose name has no slash."""

    image: str


class BaseImageTable:
    """base_images.csv, image_environments.csv, registry_mirrors.csv and official_images.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _rows(self) -> RowGroups[BaseImageRow]:
        return RowGroups(self._folder / "base_images.csv", BaseImageRow)

    @cached_property
    def _variables(self) -> tuple[ImageVariable, ...]:
        return read_rows(self._folder / "image_environments.csv", ImageVariable)

    @cached_property
    def _mirrors(self) -> tuple[RegistryMirror, ...]:
        return read_rows(self._folder / "registry_mirrors.csv", RegistryMirror)

    @cached_property
    def official(self) -> frozenset[str]:
        """The images of Docker Hub whose names have no slash: `python`, `node`."""
        rows = read_rows(self._folder / "official_images.csv", OfficialImage)
        return frozenset(row.image for row in rows)

    def find(self, name: str, tag: str) -> tuple[BaseImageRow, dict[str, str]] | None:
        """The first row that fits, with the named groups that its tag pattern matched; or None."""
        for row in self._named(name):
            match = re.fullmatch(row.tag, tag) if _may_fit(row.tag, tag) else None
            if match:
                groups = match.groupdict()
                return row, {key: value for key, value in groups.items() if value is not None}
        return None

    def covers(self, name: str) -> bool:
        """Whether any row is about images with that name."""
        return bool(self._named(name))

    def _named(self, name: str) -> tuple[BaseImageRow, ...]:
        if name in self._rows.keys:
            return self._rows.rows(name)
        globs = (image for image in self._rows.keys if "*" in image)
        return next((self._rows.rows(glob) for glob in globs if fnmatchcase(name, glob)), ())

    def variables(self, environment: str) -> tuple[ImageVariable, ...]:
        """The variables of one environment."""
        return tuple(row for row in self._variables if row.environment == environment)

    def original(self, name: str) -> str | None:
        """The name that `name` is a public copy of, or None.

        `public.ecr.aws/docker/library/python` gives `python`.
        """
        for mirror in self._mirrors:
            whole = mirror.prefix.endswith("/") or name == mirror.prefix
            if whole and name.startswith(mirror.prefix):
                return (mirror.original or "") + name.removeprefix(mirror.prefix)
        return None


def _may_fit(pattern: str, tag: str) -> bool:
    r"""Whether a tag holds the plain text of a pattern: `-devel-ubunt` of `(…)?-devel-ubuntu\d+`.

    Images with a row for each system are many; compiling their patterns is what takes long.
    """
    if "|" in pattern:
        return True
    behind = pattern.rpartition(")?")[2]
    plain = "".join(takewhile(lambda char: char.isalnum() or char == "-", behind))
    return plain[:-1] in tag  # its last character may be followed by `?`
