"""What a command takes and from where in, packages that another of its indexes has as well, out.

pip asks all indexes and takes the highest version: a package of the same name on the public index,
made by anybody, wins over the one of the index that was added for it.
"""

from collections.abc import Iterable, Iterator

from packaging.version import Version

from mllint.facts.wheels.torch_packages import FAMILY
from mllint.facts.wheels.variant_names import is_pytorch_page
from mllint.named_tuple import NamedTuple
from mllint.resolve.answers import Package
from mllint.resolve.asking import Asking
from mllint.resolve.request import Question, plain

_MOST_ASKED = 60


class Passed(NamedTuple):
    """A package that comes from the default index, and the added index that has it, too."""

    package: Package
    passed: str
    newest: Version


def strays_of(asking: Asking, question: Question, named: Iterable[Package]) -> Iterator[Passed]:
    """The packages among `named` that an added index has in other releases than the one taken."""
    sources = question.sources
    if sources.first_index or not sources.extra:
        return
    # `--index-url PRIVATE --extra-index-url DEFAULT` is the same, the other way round.
    default = asking.default_index()
    added = [url for url in asking.addresses(sources) if plain(url) != plain(default or "")]
    asked = 0
    for package in named:
        if package.origin is None:
            continue
        for url in added:
            origin = package.origin or plain(default or "")
            if plain(url) == origin or origin != plain(default or ""):
                continue
            # PyTorch's index mirrors what torch requires; nobody means that copy.
            if is_pytorch_page(asking.indexes.original(plain(url))) and package.name not in FAMILY:
                continue
            if asked >= _MOST_ASKED:
                return
            asked += 1
            versions = asking.listings.versions(url, package.name)
            if versions and package.version not in versions:
                yield Passed(package, plain(url), versions[-1])
                break
