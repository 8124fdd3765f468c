"""The address of a page in, what an index lists there out; the one module that opens a socket."""

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser
from typing import Any

from mllint.named_tuple import NamedTuple
from mllint.resolve.credentials import with_credentials
from mllint.resolve.listings import NO_ANSWER, NO_PAGE

_TYPES = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_LARGEST = 30_000_000  # bytes
_AT_ONCE = 65_536  # bytes
_FAULTS = (OSError, ValueError, http.client.HTTPException)

Entry = tuple[str, str | None, bool]
"""The name of a file, the Python that it requires, and whether it is yanked."""


class Page(NamedTuple):
    """The files that are listed; is_absent: the index has no such page."""

    entries: list[Entry]
    is_json: bool = False
    is_absent: bool = False


def fetch_page(url: str, timeout_s: float) -> Page | str:
    """What the page of a package lists; what the index does in the place of telling, else.

    Raises TimeoutError where it does not come in time.
    """
    try:
        with _opened(url, timeout_s, {"Accept": _TYPES}) as response:
            kind = response.headers.get_content_type()
            text = _body(response, time.monotonic() + timeout_s).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        error.close()
        return Page([], is_absent=True) if error.code == 404 else _refused(error.code)
    except TimeoutError:
        raise
    except _FAULTS:
        return NO_ANSWER
    if not kind.endswith("json"):
        return Page(_html_files(text))
    entries = _json_files(text)
    return NO_PAGE if entries is None else Page(entries, is_json=True)


def length(url: str, timeout_s: float) -> int | None:
    """The size of a file in bytes; None where its server does not tell it.

    Raises TimeoutError where it does not come in time.
    """
    try:
        with _opened(url, timeout_s, {"Accept-Encoding": "identity"}, "HEAD") as response:
            told = response.headers.get("Content-Length", "")
    except TimeoutError:
        raise
    except _FAULTS:
        return None
    return int(told) if told.isascii() and told.isdigit() else None


@contextmanager
def _opened(
    url: str, timeout_s: float, headers: dict[str, str], method: str = "GET"
) -> Iterator[http.client.HTTPResponse]:
    address, header = with_credentials(url)
    headers = {"User-Agent": "mllint", **headers, **header}
    request = urllib.request.Request(address, headers=headers, method=method)
    try:
        with _opener().open(request, timeout=timeout_s) as response:
            yield response
    except urllib.error.URLError as error:
        raise error.reason if isinstance(error.reason, TimeoutError) else error from None


@cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Redirects)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Goes on to where a page or a file is; what another host must not learn stays behind."""

    def redirect_request(self, req: urllib.request.Request, *rest: Any) -> Any:  # noqa: ANN401
        """The next request; `urllib` would repeat the credentials to any host."""
        following = super().redirect_request(req, *rest)
        if following is not None:
            old, new = (urllib.parse.urlsplit(each.full_url) for each in (req, following))
            if old.netloc != new.netloc or new.scheme not in (old.scheme, "https"):
                following.remove_header("Authorization")
        return following


def _body(response: http.client.HTTPResponse, ends: float) -> bytes:
    """All that is sent; raises TimeoutError where that comes byte by byte, and never ends."""
    parts: list[bytes] = []
    left = _LARGEST
    while left > 0 and (part := response.read1(min(left, _AT_ONCE))):
        parts.append(part)
        left -= len(part)
        if time.monotonic() > ends:
            raise TimeoutError
    if left > 0 and response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(parts)


def _refused(status: int) -> str:
    if status in (401, 403):
        return "asks for credentials, or refuses those it got"
    return f"answers with status {status}"


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
