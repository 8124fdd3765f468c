"""Pinned packages in, out the wheels that would be taken, with the sizes that indexes tell."""

import tomllib
import urllib.parse
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.resolve.answers import read_unbuilt
from mllint.resolve.asking import Asking
from mllint.resolve.request import Question, Sources
from mllint.resolve.target import Target
from mllint.resolve.uv_calls import Ending

_MOST_TURNS = 5
_MOST_LENGTHS = 300
_LENGTHS_AT_ONCE = 8


class Wanted(NamedTuple):
    """A release, and where it comes from; sources: None where that is not known."""

    name: str
    version: Version
    sources: Sources | None
    url: str | None = None


class Wheel(NamedTuple):
    """A file to download. size_bytes: None where no index tells; pure: for every platform."""

    url: str
    size_bytes: int | None
    pure: bool


def wheels(asking: Asking, target: Target, wanted: Iterable[Wanted]) -> dict[str, Wheel]:
    """The wheel of each package, by name; without those that have none, or whose index is silent.

    Raises OSError where uv cannot be called.
    """
    found: dict[str, Wheel] = {}
    asked: list[tuple[Sources, list[Wanted]]] = []
    for each in wanted:
        if each.url is not None:
            found[each.name] = Wheel(each.url, None, each.url.endswith("-any.whl"))
            continue
        group = next((group for sources, group in asked if sources == each.sources), None)
        if group is not None:
            group.append(each)
        elif each.sources is not None:
            asked.append((each.sources, [each]))
    for sources, group in asked:
        found.update(_of_one(asking, target, sources, group))
    return dict(_measured(asking, found))


def _of_one(
    asking: Asking, target: Target, sources: Sources, group: list[Wanted]
) -> Iterator[tuple[str, Wheel]]:
    """The wheels of packages that come from the same indexes, in one question."""
    pins = {each.name: f"{each.name}=={each.version}" for each in group}
    for _ in range(_MOST_TURNS):
        if not pins:
            return
        question = Question(
            target, asking.indexes.sources(sources), tuple(pins.values()), no_deps=True, pre=True
        )
        said = asking.ask(question, "toml")
        if said.ending is Ending.RESOLVED:
            yield from _read(said.output, target)
            return
        # A row of a lock that is built from source: its wheel is made in the image.
        unbuilt = {name for name, _ in read_unbuilt(said.told)} & pins.keys()
        if said.ending is not Ending.NO_SOLUTION or not unbuilt:
            return
        for name in unbuilt:
            del pins[name]


def _read(text: str, target: Target) -> Iterator[tuple[str, Wheel]]:
    """The packages of a pylock file, each with the wheel of its list that pip would take."""
    try:
        packages: list[dict[str, Any]] = tomllib.loads(text).get("packages", [])
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    ranks = {tag: rank for rank, tag in enumerate(_tags(target))}
    last = len(ranks)
    for package in packages:
        listed = []
        for each in package.get("wheels", ()):
            url, size = each.get("url"), each.get("size")
            if isinstance(url, str):
                tags = _tags_of(url)
                rank = min((ranks.get(tag, last) for tag in tags), default=last)
                pure = any(tag.platform == "any" for tag in tags)
                listed.append((rank, Wheel(url, size if isinstance(size, int) else None, pure)))
        if listed:
            best = min(listed, key=lambda pair: pair[0])[1]
            yield str(canonicalize_name(str(package.get("name")))), best


def _tags(target: Target) -> Iterator[Tag]:
    """What an interpreter of the target takes, the best first."""
    python = (target.python.major, target.python.minor)
    platforms = list(_platforms(target))
    yield from cpython_tags(python, platforms=platforms)
    yield from compatible_tags(python, f"cp{python[0]}{python[1]}", platforms)


def _platforms(target: Target) -> Iterator[str]:
    if target.glibc is None:
        yield from (f"musllinux_1_{minor}_{target.machine}" for minor in range(5, -1, -1))
        return
    legacy = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    for minor in range(target.glibc.minor, 4, -1):
        yield f"manylinux_2_{minor}_{target.machine}"
        if minor in legacy:
            yield f"{legacy[minor]}_{target.machine}"
    yield f"linux_{target.machine}"


def _tags_of(url: str) -> frozenset[Tag]:
    path = urllib.parse.unquote(urllib.parse.urlsplit(url).path)
    try:
        return parse_wheel_filename(path.rpartition("/")[2])[3]
    except (InvalidWheelFilename, ValueError):
        return frozenset()


def _measured(asking: Asking, found: dict[str, Wheel]) -> Iterator[tuple[str, Wheel]]:
    """The wheels, with the length that the server tells where the index tells no size."""
    lengths: dict[str, int | None] = {}
    silent = [name for name, wheel in found.items() if wheel.size_bytes is None]
    if silent:
        with ThreadPoolExecutor(_LENGTHS_AT_ONCE) as pool:
            urls = [found[name].url for name in silent[:_MOST_LENGTHS]]
            lengths = dict(zip(silent, pool.map(asking.listings.length, urls), strict=False))
    for name, wheel in found.items():
        known = wheel.size_bytes
        yield name, wheel._replace(size_bytes=lengths.get(name) if known is None else known)
