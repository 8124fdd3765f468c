"""The address of a page in, what an index lists there out; the one module that opens a socket."""

import contextlib
import http.client
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from email.message import Message
from functools import cache, partial
from html.parser import HTMLParser
from typing import IO, Any, TypeVar

from mllint.named_tuple import NamedTuple
from mllint.resolve.credentials import with_credentials
from mllint.resolve.listings import NO_ANSWER, NO_PAGE

_TYPES = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_LARGEST = 30_000_000  # bytes
_FAULTS = (OSError, ValueError, http.client.HTTPException)

_Result = TypeVar("_Result")
Entry = tuple[str, str | None, bool]
"""The name of a file, the Python that it requires, and whether it is yanked."""


class Page(NamedTuple):
    """The files that are listed; is_absent: the index has no such page."""

    entries: list[Entry]
    is_json: bool = False
    is_absent: bool = False


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Credentials go to the host that they are for, and to no other that it names."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        there = urllib.parse.urlsplit(newurl)
        if there.scheme not in ("http", "https"):
            return None
        request = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
        here = urllib.parse.urlsplit(req.full_url)
        if request is not None and here[:2] != there[:2]:
            request.remove_header("Authorization")
        return request


@cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Redirects)


def _in_time(call: Callable[[float], _Result], timeout_s: float) -> _Result:
    """What the call gives; raises TimeoutError where it takes longer.

    A socket's own limit starts anew with each byte of an index that sends one a second.
    """
    given: list[_Result] = []
    thread = threading.Thread(target=lambda: given.append(call(timeout_s + 1)), daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not given:
        raise TimeoutError
    return given[0]


def fetch_page(url: str, timeout_s: float) -> Page | str:
    """What the page of a package lists; what the index does in the place of telling, else.

    Raises TimeoutError where it does not come in time.
    """
    return _in_time(partial(_fetched, url), timeout_s)


def _fetched(url: str, timeout_s: float) -> Page | str:
    try:
        address, header = with_credentials(url)
        headers = {"Accept": _TYPES, "User-Agent": "mllint", **header}
        request = urllib.request.Request(address, headers=headers)
        with _opener().open(request, timeout=timeout_s) as response:
            kind = response.headers.get_content_type()
            text = response.read(_LARGEST).decode("utf-8", "replace")
            if len(text) < _LARGEST and response.length:
                return NO_ANSWER  # it was cut off
    except urllib.error.HTTPError as error:
        error.close()
        return Page([], is_absent=True) if error.code == 404 else _refused(error.code)
    except _FAULTS:
        return NO_ANSWER
    if not kind.endswith("json"):
        return Page(_html_files(text))
    entries = _json_files(text)
    return NO_PAGE if entries is None else Page(entries, is_json=True)


def _refused(status: int) -> str:
    if status in (401, 403):
        return "asks for credentials, or refuses those it got"
    return f"answers with status {status}"


def length(url: str, timeout_s: float) -> int | None:
    """The size of a file in bytes; None where its server does not tell it.

    Raises TimeoutError where it does not come in time.
    """
    return _in_time(partial(_length, url), timeout_s)


def _length(url: str, timeout_s: float) -> int | None:
    try:
        address, header = with_credentials(url)
        headers = {"User-Agent": "mllint", "Accept-Encoding": "identity", **header}
        request = urllib.request.Request(address, headers=headers, method="HEAD")
        with _opener().open(request, timeout=timeout_s) as response:
            told = response.headers.get("Content-Length", "")
    except _FAULTS:
        return None
    return int(told) if told.isascii() and told.isdigit() else None


def _json_files(text: str) -> list[Entry] | None:
    """The files that are listed; None where the text is none of an index."""
    try:
        files = json.loads(text)["files"]
        return [
            (str(each["filename"]), each.get("requires-python"), bool(each.get("yanked")))
            for each in files
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _html_files(text: str) -> list[Entry]:
    parser = _Links()
    with contextlib.suppress(AssertionError):  # `<![x`: what was found before that counts
        parser.feed(text)
    return parser.found


class _Links(HTMLParser):
    """The anchors of a page, as (file name, Python, yanked)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Entry] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said: dict[str, Any] = dict(attrs)
        if tag == "a" and said.get("href"):
            path = urllib.parse.urlsplit(str(said["href"])).path
            name = urllib.parse.unquote(path.rpartition("/")[2])
            self.found.append((name, said.get("data-requires-python"), "data-yanked" in said))
