"""What a repository says in, why uv is not told it out.

uv reads addresses and requirements out of files, where a line more is one more option, a blank
starts another word and `${NAME}` is the value of a variable of this machine. Of a repository that
nobody has read yet, none of that may get there, and nothing that is not of an index.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from mllint.facts.installs.install import Limit
from mllint.facts.secrets.redaction import redacted
from mllint.resolve.request import plain

_OF_FILES = frozenset("\\\"'`${}<>")
"""Quotes, line continuations and variables of a requirement file: no address needs them."""
_SHOWN = 100


def untold_address(addresses: Iterable[str]) -> str | None:
    """Why one of the addresses of indexes and pages of links is kept from uv; None: none is."""
    for address in addresses:
        shown = redacted(plain(" ".join(address.split())))[:_SHOWN]
        if "${" in address:
            return f"it looks in {shown}, with a variable that is not put in"
        if any(sign in _OF_FILES or sign.isspace() or not sign.isprintable() for sign in address):
            return f"it looks in {shown!r}, which is no address"
        if not _is_of_server(address):
            return f"it looks in {shown}, a place of the image"
    return None


def untold_limit(limits: Iterable[Limit]) -> str | None:
    """Why a line of a constraint or override file is kept from uv; None: none is."""
    for limit in limits:
        try:
            url = Requirement(limit.text).url
        except InvalidRequirement:
            return "a line of a constraint file is not understood"
        if url is not None:
            return f"a constraint file takes {limit.text.partition('@')[0].strip()} from an address"
        if untold_text(limit.text):
            return "a constraint file names a variable"
    return None


def untold_text(requirement: str) -> bool:
    """Whether a requirement is more than one line, or what uv puts a variable into."""
    return "${" in requirement or "\\" in requirement or not requirement.isprintable()


def _is_of_server(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
