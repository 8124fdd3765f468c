"""What every lock says, in whichever tool's format: packages, their versions and what they need."""

from collections.abc import Mapping
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mllint.named_tuple import NamedTuple
from mllint.parse.source import Span


class Edge(NamedTuple):
    """That something needs a package: which of the locked ones, when, and with which extras.

    version, origin: tell locked packages of one name apart; None when there is but one. specifier:
    does so where a range is written instead. marker: as written, None for always.
    """

    name: str
    marker: str | None = None
    extras: tuple[str, ...] = ()
    version: str | None = None
    origin: str | None = None
    specifier: str | None = None


class LockedPackage(NamedTuple):
    """One package of a lock.

    version: None for what has none (a project in a folder). registry: the index it comes from,
    None for the default one. url: a repository, archive or folder instead. origin: as in `Edge`.
    marker: what the lock says of the package itself. groups: those that it is locked for, None
    where the format does not say. needs, extras: its dependencies; group_needs: by group, of a
    project. span: the line that names it.
    """

    name: str
    version: Version | None
    span: Span
    registry: str | None = None
    url: str | None = None
    origin: str | None = None
    marker: str | None = None
    groups: frozenset[str] | None = None
    needs: tuple[Edge, ...] = ()
    extras: Mapping[str, tuple[Edge, ...]] = {}
    group_needs: Mapping[str, tuple[Edge, ...]] = {}


class Lock(NamedTuple):
    """All packages of a lock file, by name and in order.

    groups, extras: what the file knows of them as a whole: names -> packages. python: the range
    of Pythons it was made for. default_groups: those that count when none is named.
    """

    path: str
    packages: tuple[LockedPackage, ...]
    groups: Mapping[str, tuple[Edge, ...]] = {}
    extras: Mapping[str, tuple[Edge, ...]] = {}
    members: tuple[str, ...] = ()
    python: str | None = None
    default_groups: tuple[str, ...] = ()


def version_of(value: object) -> Version | None:
    """The version that a lock writes; None for what is none."""
    try:
        return Version(value) if isinstance(value, str) else None
    except InvalidVersion:
        return None


def name_of(table: Mapping[str, Any]) -> str:
    """The canonical name of a package's table, "" when it has none."""
    name = table.get("name")
    return canonicalize_name(name) if isinstance(name, str) else ""


def tables(value: object) -> list[dict[str, Any]]:
    """The tables of a list; [] for everything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def table(value: object) -> dict[str, Any]:
    """A table; {} for everything else."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str | None:
    """A string that is not empty; None for everything else."""
    return value if isinstance(value, str) and value else None
