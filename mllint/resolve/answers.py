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
# From the begin of a word alone: a name of 8,000 letters is not looked at from each of them.
_NAME = r"(?<![\w.-])[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?(?:\[[\w,. -]+\])?"
# A sentence may end behind it: `depends on openai>=1.1.0.`
_BOUND = r"(?:==|!=|<=|>=|~=|<|>)[^\s,]*[^\s,.]"
_RANGE = rf"(?:{_BOUND}(?:,{_BOUND})*)"
_UNBUILT = lazy(rf"(?P<name>{_NAME})(?P<range>{_RANGE})? (?:has|have) no usable wheels")
_NO_VERSION = lazy(
    rf"(?:there (?:is|are) no versions? of|only the following versions of|only) (?P<name>{_NAME})"
    rf"(?P<range>{_RANGE})?(?! \(v)"
)
_NO_PROJECT = lazy(rf"(?P<name>{_NAME}) was not found in the (?:package registry|provided)")
_NO_TAG = lazy(
    rf"(?P<name>{_NAME})(?P<range>{_RANGE})? (?:has|have) no wheels with a matching [A-Za-z ]+? tag"
)
_NEEDS_PYTHON = lazy(
    rf"(?P<name>{_NAME})(?P<range>{_RANGE})? depends? on "
    rf"Python(?P<python>{_RANGE})"
)
# `depends on one of: tokenizers>=0.11.1,<0.11.3 tokenizers>0.11.3,<0.14`
_DEPENDS = lazy(
    rf"(?P<name>{_NAME})(?P<range>{_RANGE})? depends? on (?:one of: )?"
    rf"(?P<needs>{_NAME})(?P<need>{_RANGE})?(?P<more>(?: (?P=needs){_RANGE})*)"
)
_TAG_LIST = (
    r"(?:we only found wheels|Wheels are available) for [^\n]*?following[^\n:]*: "
    r"(?P<tags>(?:`[^`]+`[, ]*)+)"
)
_HINT_TAGS = lazy(_TAG_LIST)
_GONE = lazy(rf"(?P<name>{_NAME})==(?P<version>[^\s,]+) (?:was|were) yanked")
_MARKER = lazy(r"\{[^{}]*\}")


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
        if match["needs"] != "Python":
            clue = Clue(Cause.DEPENDS, _plain_name(match["name"]), match["range"] or "")
            needs = _plain_name(match["needs"])
            needed = _united(match["needs"], (match["need"] or "") + match["more"])
            found.append((match.start(), clue._replace(needs=needs, needs_range=needed)))
    return [clue for _, clue in sorted(found, key=lambda pair: pair[0])]


def _united(name: str, text: str) -> str:
    """Ranges of one requirement as metadata says it; `<=2.3 or >=2.5` where none does.

    `>=0.11,<0.13 tokenizers>0.13` -> `>=0.11,!=0.13`
    """
    ranges = [each.strip() for each in text.split(f" {name}")]
    whole = ranges[0]
    for each in ranges[1:]:
        kept, _, upper = whole.rpartition(",")
        lower, _, rest = each.partition(",")
        if not (upper.startswith("<") and lower == upper.replace("<", ">", 1)):
            return " or ".join(ranges)
        whole = ",".join(part for part in (kept, "!=" + lower[1:], rest) if part)
    return whole


def needs_withdrawn(told: str) -> bool:
    """Whether a release is required that its project withdrew: pip takes it, and uv does not."""
    text = _one_line(told)
    gone = {(m["name"], f"=={m['version']}") for m in _GONE.finditer(text)}
    return any((m["needs"], m["need"]) in gone for m in _DEPENDS.finditer(text))


def read_names(told: str) -> set[str]:
    """Every word of the text that may be the name of a package, as canonical names."""
    words = re.findall(_NAME, _one_line(told))
    return {_plain_name(word) for word in words}


def read_tags(told: str) -> tuple[str, ...]:
    """The tags for which there are wheels, as uv's hint names them: `cp39`, `manylinux1_x86_64`."""
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
    """The text without line breaks, and without the markers that requirements carry in it.

    `numpy{python_full_version < '3.12'}>=1.26.0`
    """
    return " ".join(_MARKER.sub("", text).split())
