"""What uv printed in, packages, withdrawn releases and reasons out.

The texts are those of uv's resolver, read for what they name: a text that is not known tells
nothing.
"""

import re
from collections.abc import Iterator
from enum import Enum

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.resolve.request import Sources, plain

_PINNED = lazy(r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)")
_YANKED = lazy(
    r"^warning: `(?P<name>[^`=]+)==(?P<version>[^`]+)` is yanked(?: \(reason: \"(?P<why>.*)\"\))?",
    re.MULTILINE,
)
_NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?(?:\[[\w,. -]+\])?"
_RANGE = r"(?:(?:==|!=|<=|>=|~=|<|>)[^\s,]+(?:,(?:==|!=|<=|>=|~=|<|>)[^\s,]+)*)"
_UNBUILT = lazy(rf"(?P<name>{_NAME})(?P<range>{_RANGE})? (?:has|have) no usable wheels")
_NO_VERSION = lazy(
    rf"(?:there is no version of|there are no versions of|only) (?P<name>{_NAME})"
    rf"(?P<range>{_RANGE})?"
)
_NO_PROJECT = lazy(rf"(?P<name>{_NAME}) was not found in the (?:package registry|provided)")
_NO_TAG = lazy(
    rf"(?P<name>{_NAME})(?P<range>{_RANGE})? has no wheels with a matching [A-Za-z ]+? tag"
)
_NEEDS_PYTHON = lazy(rf"(?P<name>{_NAME})(?P<range>{_RANGE})? depends on Python(?P<python>[^\s,]+)")
_DEPENDS = lazy(
    rf"(?P<name>{_NAME})(?P<range>{_RANGE})? depends on (?P<needs>{_NAME})(?P<need>{_RANGE})?"
)
_MARKER = lazy(r"\{[^{}]*\}")
_HINT_TAGS = lazy(r"we only found wheels for [^\n]*?following[^\n:]*: (?P<tags>(?:`[^`]+`[, ]*)+)")


class Package(NamedTuple):
    """A line of an answer.

    origin: the index, without credentials; "": the default one; None: no index, it was installed
    before. wanted_by: the packages that require it.
    """

    name: str
    version: Version
    origin: str | None
    wanted_by: tuple[str, ...]


class Withdrawn(NamedTuple):
    """A yanked release that is taken all the same."""

    name: str
    version: str
    reason: str


class Cause(Enum):
    """What a text of uv says in the end."""

    NO_PROJECT = "no index has it"
    NO_VERSION = "no index has the release"
    NO_TAG = "no wheel fits"
    PYTHON = "another Python is required"
    DEPENDS = "what it requires contradicts something else"


class Clue(NamedTuple):
    """What is said of one package. range: `==2.0.1`, "" for any; needs: what it requires, if so."""

    cause: Cause
    name: str
    range: str = ""
    needs: str = ""
    needs_range: str = ""


def read_packages(output: str, sources: Sources) -> Iterator[Package]:
    """The packages of an answer in uv's order; what names no version is passed over."""
    known = {plain(url) for url in (*sources.indexes, *sources.find_links)}
    found: Package | None = None
    for line in output.splitlines():
        match = _PINNED.match(line)
        if match is not None:
            if found is not None:
                yield found
            found = _package(match["name"], match["version"])
        elif found is not None and line.startswith("    #"):
            found = _annotated(found, line.strip().removeprefix("#").strip(), known)
    if found is not None:
        yield found


def _package(name: str, text: str) -> Package | None:
    try:
        return Package(canonicalize_name(name), Version(text), "", ())
    except InvalidVersion:
        return None


def _annotated(package: Package, note: str, known: set[str]) -> Package:
    """With what a comment below its line adds: `via torch`, a name alone, `from https://…`."""
    kind, _, rest = note.partition(" ")
    if kind == "from":
        url = plain(rest)
        held = url.startswith("file:") and url.endswith("/held")
        return package._replace(origin=None if held else url if url in known else "")
    name = rest if kind == "via" else note
    if not name or name.startswith(("-r", "-c", "mllint-none", "--", "(")) or " (" in name:
        return package
    return package._replace(wanted_by=(*package.wanted_by, canonicalize_name(name)))


def read_withdrawn(told: str) -> Iterator[Withdrawn]:
    """The yanked releases that uv warns of."""
    for match in _YANKED.finditer(told):
        yield Withdrawn(canonicalize_name(match["name"]), match["version"], match["why"] or "")


def read_unbuilt(told: str) -> Iterator[tuple[str, str]]:
    """(name, range) of the packages of which only a source distribution fits."""
    for match in _UNBUILT.finditer(_one_line(told)):
        yield _plain_name(match["name"]), match["range"] or ""


def read_clues(told: str) -> list[Clue]:
    """What the text says of single packages, in its order."""
    text = _one_line(told)
    found: list[tuple[int, Clue]] = []
    for cause, pattern in (
        (Cause.NO_PROJECT, _NO_PROJECT),
        (Cause.NO_VERSION, _NO_VERSION),
        (Cause.NO_TAG, _NO_TAG),
    ):
        for match in pattern.finditer(text):
            name, span = _plain_name(match["name"]), match.groupdict().get("range") or ""
            found.append((match.start(), Clue(cause, name, span)))
    for match in _NEEDS_PYTHON.finditer(text):
        clue = Clue(Cause.PYTHON, _plain_name(match["name"]), match["range"] or "")
        found.append((match.start(), clue._replace(needs_range=match["python"].rstrip(","))))
    for match in _DEPENDS.finditer(text):
        if match["needs"] != "Python" and match["needs"] not in ("one", "all"):
            clue = Clue(Cause.DEPENDS, _plain_name(match["name"]), match["range"] or "")
            needs = _plain_name(match["needs"])
            found.append(
                (match.start(), clue._replace(needs=needs, needs_range=match["need"] or ""))
            )
    return [clue for _, clue in sorted(found, key=lambda pair: pair[0])]


def read_names(told: str) -> set[str]:
    """Every word of the text that may be the name of a package, as canonical names."""
    words = re.findall(_NAME, _one_line(told))
    return {_plain_name(word) for word in words}


def read_tags(told: str) -> tuple[str, ...]:
    """The tags for which there are wheels, as uv's hint names them: `cp39`, `cp310`."""
    match = _HINT_TAGS.search(_one_line(told))
    return tuple(re.findall(r"`([^`]+)`", match["tags"])) if match is not None else ()


def read_default(output: str, sources: Sources) -> str | None:
    """The index that a package of an answer came from, and that the question did not name."""
    known = {plain(url) for url in (*sources.indexes, *sources.find_links)}
    for line in output.splitlines():
        note, _, url = line.strip().removeprefix("# ").partition(" ")
        if note == "from" and url.startswith(("http://", "https://")) and plain(url) not in known:
            return url
    return None


def _plain_name(name: str) -> str:
    return str(canonicalize_name(name.partition("[")[0]))


def _one_line(text: str) -> str:
    """As one line, without the markers that stand behind a name: `numpy{python_version…}==1.26`."""
    return " ".join(_MARKER.sub("", text).split())
