"""What uv answered in, whether an index kept silent that uv takes for one that has nothing, out."""

from collections.abc import Iterable

from mllint.resolve.answers import Cause, Package, read_clues
from mllint.resolve.asking import Asking
from mllint.resolve.request import Question, plain


def silent_index(asking: Asking, question: Question, told: str) -> str | None:
    """Why it is not certain that the indexes lack what uv does not find; None: it is."""
    lacking = (Cause.NO_PROJECT, Cause.NO_VERSION)
    names = dict.fromkeys(clue.name for clue in read_clues(told) if clue.cause in lacking)
    addresses = asking.addresses(question.sources) if names else ()
    troubles = (asking.trouble(addresses, name) for name in names)
    return next((trouble for trouble in troubles if trouble is not None), None)


def passed_over(
    asking: Asking, question: Question, packages: Iterable[Package], direct: Iterable[str]
) -> str | None:
    """Why another index gave what an added one may have; None where that one tells."""
    origins = {package.origin for package in packages}
    added = [url for url in question.sources.extra if plain(url) not in origins]
    name = next(iter(direct), None)
    return asking.trouble(added, name) if added and name is not None else None
