"""What a command takes and from where in, packages that another of its indexes has as well, out.

pip asks all indexes and takes the highest version: a package of the same name on the public index,
made by anybody, wins over the one of the index that was added for it.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from packaging.version import Version

from mllint.facts.wheels.torch_packages import FAMILY
from mllint.facts.wheels.variant_names import is_pytorch_page
from mllint.named_tuple import NamedTuple
from mllint.resolve.answers import Package
from mllint.resolve.asking import Asking
from mllint.resolve.request import Question, plain

_MOST_ASKED = 60
# Who serves this index uploads the same packages, and more of their releases, to the default one.
_SAME_MAKER = "nvidia.com"


class Passed(NamedTuple):
    """A package that comes from the default index, and the added index that has it, too."""

    package: Package
    passed: str
    newest: Version


def strays_of(asking: Asking, question: Question, named: Iterable[Package]) -> Iterator[Passed]:
    """The packages among `named` that an added index has in other releases than the one taken."""
    sources = question.sources
    default = asking.default_index() if sources.extra and not sources.first_index else None
    if default is None:
        return
    # `--index-url PRIVATE --extra-index-url DEFAULT` is the same, the other way round.
    added = [url for url in asking.addresses(sources) if plain(url) != plain(default)]
    tries = iter(range(_MOST_ASKED))
    for package in named:
        if package.origin is None or (package.origin or plain(default)) != plain(default):
            continue
        for url in added:
            if not _is_meant(asking.indexes.original(url), package.name):
                continue
            if next(tries, None) is None:
                return
            newest = _newest_of_its_own(asking, url, default, package)
            if newest is not None:
                yield Passed(package, plain(url), newest)
                break


def _is_meant(url: str, package: str) -> bool:
    """Whether somebody who adds the index wants that package from there.

    PyTorch's index mirrors what torch requires; nobody means that copy.
    """
    if is_pytorch_page(url):
        return package in FAMILY
    host = urlsplit(url).hostname or ""
    return not (host == _SAME_MAKER or host.endswith(f".{_SAME_MAKER}"))


def _newest_of_its_own(asking: Asking, url: str, default: str, package: Package) -> Version | None:
    """The newest release of the added index, None where it has no package of its own.

    An index all of whose releases are on the default one is a mirror that is behind.
    """
    versions = asking.listings.versions(url, package.name)
    if not versions or package.version in versions:
        return None
    public = asking.listings.versions(default, package.name)
    if public is None or set(versions) <= set(public):
        return None
    return versions[-1]
