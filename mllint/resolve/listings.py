"""The address of an index and a package in, the files that it lists out (PEP 503 and 691).

uv resolves; this tells what it does not say: which releases there are instead. An index that does
not answer, or asks for credentials that are not to be found, tells nothing.
"""

import http.client
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from mllint.named_tuple import NamedTuple
from mllint.resolve.credentials import with_credentials

_TYPES = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_LARGEST = 30_000_000  # bytes


class ListedFile(NamedTuple):
    """A distribution of one release. tags: () for a source distribution."""

    version: Version
    tags: frozenset[Tag]
    python: SpecifierSet | None
    yanked: bool

    @property
    def is_wheel(self) -> bool:
        """Whether it is installed without being built."""
        return bool(self.tags)


class Listings:
    """Asks indexes, each package once; safe to use from several threads."""

    def __init__(self, timeout_s: float, *, offline: bool = False) -> None:
        self._timeout_s = timeout_s
        self._offline = offline
        self._known: dict[tuple[str, str], tuple[ListedFile, ...] | str] = {}
        self._lock = threading.Lock()

    def files(self, index: str, package: str) -> tuple[ListedFile, ...] | None:
        """The files of a package, () where the index has none; None where it does not tell."""
        found = self._found(index, package)
        return None if isinstance(found, str) else found

    def trouble(self, index: str, package: str) -> str | None:
        """What an index that is asked for a package does in the place of an answer."""
        found = self._found(index, package)
        return found if isinstance(found, str) and found else None

    def _found(self, index: str, package: str) -> tuple[ListedFile, ...] | str:
        """The files, or why they are not known; "" where nothing is to be said of that."""
        if self._offline or not index.startswith(("http://", "https://")):
            return ""
        key = (index, package)
        with self._lock:
            if key in self._known:
                return self._known[key]
        found = self._ask(index, package)
        with self._lock:
            self._known[key] = found
        return found

    def versions(self, index: str, package: str) -> tuple[Version, ...] | None:
        """The releases that an index has of a package, oldest first."""
        files = self.files(index, package)
        return None if files is None else tuple(sorted({each.version for each in files}))

    def length(self, url: str) -> int | None:
        """The size of a file in bytes; None where its server does not tell it."""
        if self._offline or not url.startswith(("http://", "https://")):
            return None
        try:
            address, header = with_credentials(url)
            headers = {"User-Agent": "mllint", "Accept-Encoding": "identity", **header}
            request = urllib.request.Request(address, headers=headers, method="HEAD")
            with urllib.request.urlopen(request, timeout=self._timeout_s) as response:
                told = response.headers.get("Content-Length", "")
        except (OSError, ValueError, http.client.HTTPException):
            return None
        return int(told) if told.isascii() and told.isdigit() else None

    def _ask(self, index: str, package: str) -> tuple[ListedFile, ...] | str:
        try:
            address, header = with_credentials(f"{index.rstrip('/')}/{package}/")
            headers = {"Accept": _TYPES, "User-Agent": "mllint", **header}
            request = urllib.request.Request(address, headers=headers)
            with urllib.request.urlopen(request, timeout=self._timeout_s) as response:
                kind = response.headers.get_content_type()
                text = response.read(_LARGEST).decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            error.close()
            return () if error.code == 404 else _refused(error.code)
        except (OSError, ValueError, http.client.HTTPException):
            return "did not answer"
        named = _json_files(text) if kind.endswith("json") else _html_files(text)
        found = tuple(found for each in named or () if (found := _listed(*each)) is not None)
        # A page to log in at is no index; one in HTML that has no files is hardly ever.
        is_page = bool(found) if named or not kind.endswith("json") else named is not None
        return found if is_page else "answers with a page that is none of an index"


def _refused(status: int) -> str:
    if status in (401, 403):
        return "asks for credentials, or refuses those it got"
    return f"answers with status {status}"


def _json_files(text: str) -> list[tuple[str, str | None, bool]] | None:
    """The files that are listed; None where the text is none of an index."""
    try:
        files = json.loads(text)["files"]
        return [
            (str(each["filename"]), each.get("requires-python"), bool(each.get("yanked")))
            for each in files
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _html_files(text: str) -> list[tuple[str, str | None, bool]]:
    parser = _Links()
    parser.feed(text)
    return parser.found


class _Links(HTMLParser):
    """The anchors of a page, as (file name, Python, yanked)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said: dict[str, Any] = dict(attrs)
        if tag == "a" and said.get("href"):
            path = urllib.parse.urlsplit(str(said["href"])).path
            name = urllib.parse.unquote(path.rpartition("/")[2])
            self.found.append((name, said.get("data-requires-python"), "data-yanked" in said))


def _listed(name: str, python: object, yanked: bool) -> ListedFile | None:
    try:
        if name.endswith(".whl"):
            _, version, _, tags = parse_wheel_filename(name)
        else:
            (_, version), tags = parse_sdist_filename(name), frozenset()
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    try:
        required = SpecifierSet(python) if isinstance(python, str) and python else None
    except InvalidSpecifier:
        required = None
    return ListedFile(version, tags, required, yanked)
