"""What uv told when it could not go on in, why there is no answer out, in one sentence."""

import re
from collections.abc import Callable

from mllint.facts.secrets.redaction import redacted
from mllint.regex import lazy
from mllint.resolve.request import plain

_ADDRESS = lazy(r"(?:https?|file)://[^\s`'\")]+")
_TIME = lazy(r"timed out|timeout", re.IGNORECASE)
_CERTIFICATE = lazy(r"invalid peer certificate: (?P<why>[^\n)]+)|certificate", re.IGNORECASE)
_REFUSED = lazy(r"40[13] |40[13]\b.*(?:Unauthorized|Forbidden)|authentication credentials")
_LONGEST = 300


def failure_text(told: str, original: Callable[[str], str] = plain) -> str:
    """`index https://… did not answer in time`; original: an address as the user knows it."""
    found = _ADDRESS.search(told)
    index = _index_of(found.group()) if found is not None else None
    name = original(index) if index is not None else ""
    where = f"index {name}" if name else "the default index"
    if "o space left on device" in told:
        return "there is no space left for uv's cache: name another folder with UV_CACHE_DIR"
    if "--offline" in told or "etwork connectivity is disabled" in told:
        return "uv's cache does not hold what it needs, and --offline asks no index"
    if (match := _CERTIFICATE.search(told)) is not None:
        why = match.groupdict().get("why")
        return f"the certificate of {where} is not accepted" + (f": {why}" if why else "")
    if _REFUSED.search(told):
        return f"{where} asks for credentials, or refuses those it got"
    if index is not None and _TIME.search(told):
        return f"{where} did not answer in time"
    if index is not None and ("onnect" in told or "dns error" in told):
        return f"{where} did not answer: {_last_cause(told)}"
    return redacted(_first_error(told))[:_LONGEST]


def _index_of(address: str) -> str:
    """The index of the page of a package: `https://host/simple/torch/` -> `https://host/simple`."""
    return plain(address).rpartition("/")[0]


def _causes(told: str) -> list[str]:
    lines = [line.strip() for line in told.splitlines()]
    return [line.removeprefix("cause: ") for line in lines if line.startswith("cause: ")]


def _last_cause(told: str) -> str:
    causes = _causes(told)
    return causes[-1][:_LONGEST] if causes else "no connection"


def _first_error(told: str) -> str:
    """The first error without the word, and the causes that stand below it."""
    for line in told.splitlines():
        if line.startswith("error: "):
            return ": ".join([line.removeprefix("error: "), *_causes(told)])
    return next((line.strip() for line in told.splitlines() if line.strip()), "uv said nothing")
