"""What uv told when it could not go on in, why there is no answer out, in one sentence."""

import re
from collections.abc import Callable

from mllint.facts.secrets.redaction import redacted
from mllint.regex import lazy
from mllint.resolve.request import plain

_ADDRESS = lazy(r"(?:https?|file|ftp)://[^\s`'\")]+")
_USERINFO = lazy(r"(?<=://)[^/\s`'\"@]*@")
_TIME = lazy(r"timed out|timeout", re.IGNORECASE)
_CERTIFICATE = lazy(r"invalid peer certificate: (?P<why>[^\n]+)|certificate", re.IGNORECASE)
_REFUSED = lazy(r"\((?:401|403) |lack of valid authentication|authentication credentials")
_STATUS = lazy(r"HTTP status [a-z]+ error \((?P<status>[^)\n]+)\)")
_NO_INDEX = lazy(
    r"unexpected JSON|unexpected HTML|Content-Type|invalid HTTP|error decoding response"
    r"|invalid type|redirect"
)
_CACHE = lazy(
    r"(?:Failed to initialize cache at|error: failed to create directory) `(?P<folder>[^`\n]+)`"
)
_UNCACHED = lazy(r"[Nn]etwork (?:was|connectivity is) disabled|not found in the cache|--offline")
_OLD = lazy(r"error: (?:unexpected argument|invalid value|unrecognized)")
_PANIC = lazy(r"thread '[^']*'[^\n]* panicked at [^\n]*\n(?P<what>[^\n]*)")
_CAUSE = lazy(r"\s+(?:cause|Caused by): (?P<what>.*)")
_LONGEST = 300


def failure_text(
    told: str, original: Callable[[str], str] = plain, patience_s: float | None = None
) -> str:
    """`index https://… did not answer in 25 s`, without credentials.

    original: an address as the user knows it. patience_s: how long uv waits for one answer.
    """
    return _without_users(redacted(_sentence(told, original, patience_s)))[:_LONGEST]


def silent_places(told: str) -> tuple[str, ...]:
    """What cannot be reached, so that to ask again is to wait again: a page of links, or its index.

    () where uv ended for another reason.
    """
    address = _address(told)
    unreached = _TIME.search(told) is not None or "client error (Connect)" in told
    if address is None or not unreached:
        return ()
    return plain(address), _index_of(address)


def is_too_old(told: str) -> bool:
    """Whether this uv does not know a word that it was called with."""
    return _OLD.match(told.lstrip()) is not None


def is_uncached(told: str) -> bool:
    """Whether uv asked no index, and its cache does not hold what an index would tell."""
    return _UNCACHED.search(told) is not None


def _sentence(told: str, original: Callable[[str], str], patience_s: float | None) -> str:
    address = _address(told)
    where = index_text(original(_index_of(address))) if address is not None else "an index"
    if "o space left on device" in told:
        return "there is no space left for uv's cache: name another folder with UV_CACHE_DIR"
    if is_uncached(told):
        return "uv's cache does not hold what it needs, and --offline asks no index"
    if (match := _CACHE.search(told)) is not None:
        folder, why = match["folder"], (_causes(told) or [_first_error(told)])[-1]
        return f"uv's cache cannot be used: {folder}: {why}: name another with UV_CACHE_DIR"
    if (match := _PANIC.search(told)) is not None:
        return f"uv crashed: {match['what'].strip()}"
    if (match := _CERTIFICATE.search(told)) is not None:
        why = match["why"] or ""
        return f"the certificate of {where} is not accepted" + (f": {why}" if why else "")
    if _REFUSED.search(told):
        return f"{where} asks for credentials, or refuses those it got"
    return (_unanswered(told, where, patience_s) if address is not None else None) or (
        _first_error(told)
    )


def _unanswered(told: str, where: str, patience_s: float | None) -> str | None:
    """What an index did in the place of an answer; None where that is not known."""
    if _TIME.search(told):
        return f"{where} did not answer in {'time' if patience_s is None else f'{patience_s:g} s'}"
    if (match := _STATUS.search(told)) is not None:
        return f"{where} answers with an error: {match['status']}"
    if _NO_INDEX.search(told):
        return f"{where} answers with what is no index: {_shortened(told)}"
    if "onnect" in told or "dns error" in told:
        return f"{where} did not answer: {_last_cause(told)}"
    return None


def index_text(name: str) -> str:
    """`index https://…`; the empty name is that of the installer's own."""
    return f"index {name}" if name else "the default index"


def _shortened(told: str) -> str:
    """The last cause, or the error itself, without the address that has been named."""
    error = _last_cause(told) if _causes(told) else _first_error(told)
    return _ADDRESS.sub("", error).replace(" from ``", "").replace(" for ``", "")


def _without_users(text: str) -> str:
    """The text with addresses that name no user and no password."""
    return _USERINFO.sub("", text)


def _address(told: str) -> str | None:
    """The first address that stands there: `http://host/simple/torch/: Unsupported …`."""
    found = _ADDRESS.search(told)
    return found.group().rstrip(":.,") if found is not None else None


def _index_of(address: str) -> str:
    """The index of the page of a package: `https://host/simple/torch/` -> `https://host/simple`."""
    return plain(address).rpartition("/")[0]


def _causes(told: str) -> list[str]:
    matches = (_CAUSE.match(line) for line in told.splitlines())
    return [match["what"] for match in matches if match is not None]


def _last_cause(told: str) -> str:
    causes = _causes(told)
    return causes[-1] if causes else "no connection"


def _first_error(told: str) -> str:
    """The first error without the word, and the causes that stand below it."""
    for line in told.splitlines():
        if line.startswith("error: "):
            return ": ".join([line.removeprefix("error: "), *_causes(told)])
    return next((line.strip() for line in told.splitlines() if line.strip()), "uv said nothing")
