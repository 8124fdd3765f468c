"""The tag of a known image in, what the dated tables say it means, out; knows no Dockerfile."""

import re
from collections.abc import Callable, Mapping

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.tables import Tables
from mllint.tables.python_images import PythonImageVersion
from mllint.tables.rows import Confidence

_PYTHON_TAG = lazy(
    r"""
    (?: (?P<version> \d+ (?: \.\d+ ){0,2} )
        (?P<pre> (?: a | b | rc ) \d+ | -rc )?
        (?: - | \Z ) )?
    (?P<rest> .* )                      # slim, bookworm, slim-bookworm, alpine3.20
    """,
    re.VERBOSE,
)


class PythonTag(NamedTuple):
    """The parts of a tag of the python image.

    version: `3.11`, `3.11.4`, or `latest` when none is written; prerelease: it is followed by
    `rc1` or `-rc`. rest: `slim`, `bookworm`, `slim-bookworm`, `alpine3.20`, or nothing.
    """

    version: str
    prerelease: bool
    rest: str

    @property
    def names_suite(self) -> bool:
        """Whether the tag says itself on which system it stands."""
        return self.rest not in ("", "slim", "alpine")


def python_tag(tag: str) -> PythonTag:
    """The parts of `tag`; any text is a tag of some kind."""
    match = _PYTHON_TAG.fullmatch(tag)
    if match is None or match["version"] is None:
        return PythonTag("latest", False, "" if tag == "latest" else tag)
    return PythonTag(match["version"], match["pre"] is not None, match["rest"])


class _Tag(NamedTuple):
    """A tag under study: the named groups its row matched; pinned: a digest stands beside it."""

    text: str
    groups: Mapping[str, str]
    pinned: bool


def tag_facts(
    name: str, tag: str, groups: Mapping[str, str], pinned: bool, tables: Tables
) -> dict[str, str]:
    """What the tag of image `name` says: its named `groups`, and `release`, `python`, `torch`.

    pinned: a digest stands beside the tag, so what a moving tag means today proves nothing.
    """
    reader = _READERS.get(name)
    more = {} if reader is None else reader(_Tag(tag, groups, pinned), tables)
    return {key: value for key, value in {**groups, **more}.items() if value}


def _python_facts(tag: _Tag, tables: Tables) -> dict[str, str]:
    parts = python_tag(tag.text)
    row = None if parts.prerelease else tables.python_images.version(parts.version)
    suite = _suite(parts, row, tag.pinned)
    facts: dict[str, str] = {}
    if suite is not None and suite.startswith("alpine"):
        facts["release"] = suite.removeprefix("alpine")
    elif suite is not None:
        debian = tables.distros.codename(suite)
        if debian is not None and debian.distro == "debian":
            facts["release"] = debian.release
    if "." in parts.version:
        facts["python"] = parts.version
        return facts
    # `python:buster` stands still at the Python that was new when buster was given up.
    moves_on = not parts.names_suite or parts.rest in tables.python_images.maintained_suites
    if row is not None and moves_on and not tag.pinned:
        facts["python"] = str(row.python)
    return facts


def _suite(parts: PythonTag, row: PythonImageVersion | None, pinned: bool) -> str | None:
    """The suite a tag names, or the one on which a tag without a suite stands."""
    if parts.names_suite:
        return parts.rest.removeprefix("slim-")
    if row is None or (pinned and (row.moved_from or parts.rest == "alpine")):
        return None
    return {"slim": row.slim, "alpine": row.alpine}.get(parts.rest, row.full)


def _cuda_facts(tag: _Tag, tables: Tables) -> dict[str, str]:
    cuda = tag.groups.get("cuda")
    row = tables.cuda_images.version(Version(cuda)) if cuda else None
    facts = {"cudnn": tag.groups.get("cudnn", "none")}
    if facts["cudnn"] == "":  # `12.4.1-cudnn-devel-…`: the tag leaves the major version out
        facts["cudnn"] = str(row.cudnn.major) if row and row.cudnn else ""
    if row is not None and row.ld_library_path:
        facts["ld_library_path"] = row.ld_library_path
    return facts


def _pytorch_facts(tag: _Tag, tables: Tables) -> dict[str, str]:
    torch = tag.groups.get("torch")
    release = tables.torch.release(Version(torch)) if torch else None
    if release is None:
        return {}
    families = {"torchvision": release.torchvision, "torchaudio": release.torchaudio}
    return {name: str(found[0]) for name, found in families.items() if len(found) == 1}


def _ngc_facts(tag: _Tag, tables: Tables) -> dict[str, str]:
    row = tables.framework_images.ngc_pytorch(tag.groups.get("month", ""))
    if row is None or row.confidence is Confidence.LOW:
        return {}
    facts = {"cuda": str(row.cuda), "python": str(row.python), "release": row.ubuntu}
    return {**facts, "torch": str(row.torch)} if row.torch else facts


_READERS: dict[str, Callable[[_Tag, Tables], dict[str, str]]] = {
    "python": _python_facts,
    "nvidia/cuda": _cuda_facts,
    "pytorch/pytorch": _pytorch_facts,
    "nvcr.io/nvidia/pytorch": _ngc_facts,
}
