"""The address of an index and a package in, the files that it lists out (PEP 503 and 691).

uv resolves; this tells what it does not say: which releases there are instead. An index that does
not answer, or asks for credentials that are not to be found, tells nothing.
"""

import threading

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

NO_ANSWER = "did not answer"
NO_PAGE = "answers with a page that is none of an index"


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
    """Asks indexes, and keeps what they tell; safe to use from several threads.

    A host that did not answer in time is not waited for again.
    """

    def __init__(self, timeout_s: float, *, offline: bool = False) -> None:
        self._timeout_s = timeout_s
        self._offline = offline
        self._known: dict[tuple[str, str], tuple[ListedFile, ...] | str] = {}
        self._silent: set[str] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def stop(self) -> None:
        """Ask nobody any more: the run ends."""
        self._stopped = True

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
        if not self._is_asked(index):
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
        if not self._is_asked(url) or _host(url) in self._silent:
            return None
        from mllint.resolve.fetching import length

        try:
            return length(url, self._timeout_s)
        except TimeoutError:
            self._silent.add(_host(url))
            return None

    def _is_asked(self, url: str) -> bool:
        return url.startswith(("http://", "https://")) and not (self._offline or self._stopped)

    def _ask(self, index: str, package: str) -> tuple[ListedFile, ...] | str:
        # Most answers of uv need no word of an index beside it: what fetches is a third of a run.
        from mllint.resolve.fetching import Entry, fetch_page

        if _host(index) in self._silent:
            return NO_ANSWER
        try:
            page = fetch_page(f"{index.rstrip('/')}/{package}/", self._timeout_s)
        except TimeoutError:
            self._silent.add(_host(index))
            return NO_ANSWER
        if isinstance(page, str):
            return page
        entries: list[Entry] = page.entries
        found = tuple(found for each in entries if (found := _listed(*each)) is not None)
        # A page to log in at is no index; one in HTML that has no files is hardly ever.
        if found or (page.is_json and not entries) or page.is_absent:
            return found
        return NO_PAGE


def _host(url: str) -> str:
    """`a.example:8080` of `https://joe:pw@a.example:8080/simple`."""
    return url.split("/", 3)[2].rpartition("@")[2]


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
