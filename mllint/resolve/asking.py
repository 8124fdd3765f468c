"""What every question of one run shares: uv, listings, and the mirrors that stand for indexes."""

import os
import threading
from collections.abc import Iterable
from functools import cached_property

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.resolve.answers import read_default, read_unbuilt
from mllint.resolve.failures import index_text, silent_places
from mllint.resolve.listings import ListedFile, Listings
from mllint.resolve.request import Question, Sources, plain
from mllint.resolve.target import Target
from mllint.resolve.uv_calls import Caller, Ending, Said
from mllint.resolve.uv_variables import DEFAULT_INDEX_VARIABLES

DEFAULT = "default"
"""What stands for the installer's own index in `--index-map`."""


class IndexMap(NamedTuple):
    """Which mirror stands for which index; (index, mirror) pairs, as the user wrote them."""

    pairs: tuple[tuple[str, str], ...] = ()

    def mirror(self, url: str) -> str:
        """The address to ask in the place of `url`; paths below a mirrored one follow it."""
        bare = plain(url)
        for old, new in self.pairs:
            if bare == plain(old) or bare.startswith(plain(old) + "/"):
                return new.rstrip("/") + bare[len(plain(old)) :]
        return url

    def original(self, url: str) -> str:
        """The index for which an address stands, without credentials; "" for the default one."""
        url = plain(url)
        for old, new in self.pairs:
            bare = plain(new)
            if url == bare or url.startswith(bare + "/"):
                return "" if old == DEFAULT else plain(old) + url[len(bare) :]
        return url

    def sources(self, sources: Sources) -> Sources:
        """The same with each index in the place that stands for it."""
        default = sources.default
        if default is None:
            default = next((new for old, new in self.pairs if old == DEFAULT), None)
        return sources._replace(
            default=self.mirror(default) if default is not None else None,
            extra=tuple(self.mirror(url) for url in sources.extra),
            find_links=tuple(self.mirror(url) for url in sources.find_links),
            named={name: self.mirror(url) for name, url in sources.named.items()},
        )


class Asking:
    """Asks uv and indexes for one run."""

    def __init__(self, caller: Caller, listings: Listings, indexes: IndexMap) -> None:
        self.caller = caller
        self.listings = listings
        self.indexes = indexes
        self._silent: dict[str, Said] = {}
        self._told_default: str | None = None
        self._lock = threading.Lock()

    def ask(self, question: Question, form: str = "txt") -> Said:
        """What uv says; an index that could not be reached is not waited for again."""
        sources = question.sources
        asked = {plain(url) for url in (*sources.indexes, *sources.find_links)}
        if sources.default is None and not sources.no_index:
            asked.add("")
        for index, said in list(self._silent.items()):
            if index in asked:
                return said
        said = self.caller.ask(question, form)
        if self._told_default is None and question.sources.default is None and form == "txt":
            self._told_default = read_default(said.output, question.sources)
        if said.ending is Ending.FAILED:
            places = silent_places(said.told)
            silent = next((place for place in places if place in asked), None)
            if silent is None and places and asked == {""}:
                silent = ""  # the default index, wherever that is
            if silent is not None:
                self._silent[silent] = said
        return said

    def stop(self) -> None:
        """End the calls that run; from now on nobody is asked."""
        self.listings.stop()
        self.caller.stop()

    def is_met(self, question: Question) -> bool | None:
        """Whether there is an answer; None when uv does not tell, or only a build would."""
        said = self.ask(question)
        if said.ending is Ending.NO_SOLUTION and not any(read_unbuilt(said.told)):
            return False
        return True if said.ending is Ending.RESOLVED else None

    def default_index(self) -> str | None:
        """The address of the installer's own index, as uv is configured to reach it."""
        with self._lock:
            return self._default_index

    @cached_property
    def _default_index(self) -> str | None:
        named = [os.environ.get(name) for name in DEFAULT_INDEX_VARIABLES]
        for address in (self.indexes.sources(Sources()).default, *named, self._told_default):
            if address:
                return address
        target = Target(Version("3.12"), "x86_64", Version("2.28"))
        said = self.ask(Question(target, Sources(), ("pip",), no_deps=True))
        return read_default(said.output, Sources())

    def addresses(self, sources: Sources) -> tuple[str, ...]:
        """Every index of a command; without the default one where it is not known."""
        default = sources.default
        if default is None and not sources.no_index:
            default = self.default_index()
        rest = (*sources.extra, *dict.fromkeys(sources.named.values()))
        return (default, *rest) if default is not None else rest

    def files(self, sources: Sources, package: str) -> tuple[ListedFile, ...] | None:
        """The files that the indexes have of a package; None where one does not tell."""
        found: list[ListedFile] = []
        if sources.find_links or sources.torch_backend is not None:
            return None
        for address in self.addresses(sources):
            files = self.listings.files(address, package)
            if files is None:
                return None
            found += files
        return tuple(found)

    def trouble(self, addresses: Iterable[str], package: str) -> str | None:
        """What one of the indexes does in the place of telling of a package; None: all tell.

        uv takes an index that refuses it for one that has nothing.
        """
        for address in addresses:
            trouble = self.listings.trouble(address, package)
            if trouble is not None:
                return f"{index_text(self.indexes.original(address))} {trouble}"
        return None
