"""One requirement as pip takes it, in a file or on a command line, in; its parts out.

Reads PEP 508, URLs, wheel file names, local paths and editables. Looks at no disk, so that a text
that can be a path counts as one; knows nothing of options, comments or files.
"""

import re
from functools import lru_cache

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.parse.requirements.direct_reference import (
    is_archive,
    is_checkout,
    is_repository,
    is_ssh_form,
    is_url,
    is_wheel,
    looks_like_path,
    read_egg,
    read_wheel,
    split_extras,
)
from mllint.parse.requirements.refusal import Refusal, refusal
from mllint.parse.source import MappedText, Span
from mllint.regex import lazy

_LONGEST = 8_192
"""Characters; a requirement beyond that is refused unread."""
_DEEPEST = 100
"""Opening brackets: packaging's parser calls itself for each."""

_VARIABLE = lazy(r"\$\{[A-Z0-9_]+\}")
_NAME_BEFORE_VARIABLE = lazy(
    r"""
    ( [A-Za-z0-9] (?: [\w.-]* [A-Za-z0-9] )? )   # torch
    \s* (?: \[ [^]$]* \] )? \s*                  # [extra]
    (?= [<>=!~@;] )                              # ==${TORCH_VERSION}
    """,
    re.VERBOSE,
)
_PLAIN_PATH = lazy(r"[^\s:<>=!~|;'\"\\]*/[^\s:<>=!~|;'\"\\]*")


class RequirementLine(NamedTuple):
    """One requirement.

    requirement: the parsed PEP 508 requirement, or None for a bare URL, a path, an editable, or
    one with `${NAME}` where PEP 508 has no room for it (`torch==${VERSION}`).
    name: canonical name (PEP 503) when known: from the requirement, `#egg=`, or a wheel's file
    name; else None. url: URL or path for direct references. hashes: `sha256:…` values.
    options: per-requirement options (`--config-settings=…`), as (name, value).
    text: as written without hashes, options and comment. span: of `text` in the file.
    version: what the file name of a wheel says. extras, marker: of any kind of requirement.
    """

    requirement: Requirement | None
    name: str | None
    url: str | None
    editable: bool
    hashes: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    text: str
    span: Span
    version: Version | None = None
    extras: tuple[str, ...] = ()
    marker: Marker | None = None


class BadLine(NamedTuple):
    """A line that pip refuses, with pip's reason in our words.

    instead: what to write, None when that is not plain. legacy: releases of pip before 24.1 take
    it. unread: it is too long or too deep for mllint, and pip may take it.
    """

    message: str
    span: Span
    instead: str | None = None
    legacy: bool = False
    unread: bool = False


class _Parts(NamedTuple):
    """What the text alone says; shared by all lines that hold the same text."""

    requirement: Requirement | None = None
    name: str | None = None
    url: str | None = None
    version: Version | None = None
    extras: tuple[str, ...] = ()
    marker: Marker | None = None


class _RefusedError(Exception):
    """pip does not take this text."""

    def __init__(self, message: str, why: Refusal | None = None) -> None:
        super().__init__(message)
        self.why = why or Refusal(message)


def parse_requirement(
    text: MappedText,
    *,
    editable: bool = False,
    hashes: tuple[str, ...] = (),
    options: tuple[tuple[str, str], ...] = (),
    span: Span | None = None,
) -> RequirementLine | BadLine:
    """One requirement as written on a command line or in a file, without options or hashes.

    hashes, options: what stood behind it. span: where it stands, when `text` had quotes removed.
    """
    stripped = text.text.strip()
    if span is None:
        start = len(text.text) - len(text.text.lstrip())
        span = text.span(start, start + len(stripped))
    parts = _read(stripped, editable)
    if isinstance(parts, str):
        return BadLine(parts, span, unread=True)
    if isinstance(parts, Refusal):
        return BadLine(parts.message, span, parts.instead, parts.legacy)
    return RequirementLine(
        parts.requirement,
        parts.name,
        parts.url,
        editable,
        hashes,
        options,
        stripped,
        span,
        parts.version,
        parts.extras,
        parts.marker,
    )


@lru_cache(maxsize=4_096)  # the requirement files of one repository repeat most of their lines
def _read(text: str, editable: bool) -> _Parts | Refusal | str:
    """The parts of a text, why pip refuses it, or (a str) why it is not read."""
    if len(text) > _LONGEST:
        return f"a requirement of {len(text):,} characters; mllint reads up to {_LONGEST:,}"
    if text.count("(") > _DEEPEST:  # Python could not follow a thousand
        return "the marker is nested too deeply"
    try:
        return _read_editable(text) if editable else _read_plain(text)
    except _RefusedError as refused:
        return refused.why
    except InvalidRequirement:
        return Refusal("the brackets hold no list of extras")


def _read_plain(text: str) -> _Parts:
    separator = "; " if is_url(text) else ";"  # a URL may hold a semicolon itself
    body, _, condition = (part.strip() for part in text.partition(separator))
    marker = _read_marker(condition)
    if is_url(body):
        return _read_reference(body, (), marker)
    path, extras = split_extras(body)
    named = "@" in body and not looks_like_path(body.partition("@")[0])
    if (body.startswith(".") and not body.endswith("\\")) or (is_archive(path) and not named):
        return _read_reference(path, extras, marker)
    try:
        requirement = Requirement(body)
    except InvalidRequirement as error:
        if _VARIABLE.search(text):
            name = _NAME_BEFORE_VARIABLE.match(text)
            return _Parts(name=canonicalize_name(name[1]) if name else None, marker=marker)
        if _PLAIN_PATH.fullmatch(path):
            return _Parts(url=path, extras=extras, marker=marker)
        why = refusal(body, error)
        raise _RefusedError(why.message, why) from error
    requirement.marker = marker
    version = read_wheel(requirement.url)[1] if requirement.url else None
    return _Parts(
        requirement,
        canonicalize_name(requirement.name),
        requirement.url,
        version,
        tuple(sorted(requirement.extras)),
        marker,
    )


def _read_editable(text: str) -> _Parts:
    """What `-e` takes: a folder, a `file:` URL, a repository with a name, `name @ repository`."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        requirement = None
    if requirement is not None and requirement.url:
        if not is_url(requirement.url) or not is_checkout(requirement.url):
            raise _RefusedError("an editable install takes a folder or a repository")
        extras = tuple(sorted(requirement.extras))
        name = canonicalize_name(requirement.name)
        return _Parts(None, name, requirement.url, None, extras, requirement.marker)
    if is_ssh_form(text):
        raise _RefusedError("the user@host:path form is no URL; git+ssh://user@host/path is one")
    path, extras = split_extras(text)
    if not is_url(text) and not is_repository(text):
        return _Parts(url=path, extras=extras)
    if not is_checkout(text):
        raise _RefusedError("an editable install takes a folder or a repository, not an archive")
    if text.lower().startswith("file:"):
        return _read_reference(path, extras, None)
    reference = _read_reference(text, (), None)
    if reference.name is None:
        raise _RefusedError("an editable repository needs a name: append #egg=NAME")
    return reference


def _read_marker(condition: str) -> Marker | None:
    if not condition:
        return None
    try:
        return Marker(condition)
    except InvalidMarker as error:
        raise _RefusedError(
            f"what follows the ; is not an environment marker: {condition[:80]}"
        ) from error


def _read_reference(url: str, extras: tuple[str, ...], marker: Marker | None) -> _Parts:
    name, version = read_wheel(url)
    if name is None:
        name, egg_extras = read_egg(url)
        extras = extras or egg_extras
    # 'torch-cp${V/./}-linux_x86_64.whl': for what the quotes are is the shell's affair.
    if name is None and is_wheel(url) and "$" not in url:
        raise _RefusedError("the wheel's file name is not NAME-VERSION-PYTHON-ABI-PLATFORM.whl")
    return _Parts(name=name, url=url, version=version, extras=extras, marker=marker)
