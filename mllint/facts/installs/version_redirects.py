"""An execution in, the version bounds that the shell takes for redirects out.

`pip install torch>=2.0` asks for torch and writes to a file named `=2.0`. Judges nothing.
"""

from bisect import bisect_right
from collections.abc import Iterator

from packaging.version import InvalidVersion, Version

from mllint.facts.commands.executions import Execution
from mllint.facts.installs.pip_installs import pip_arguments
from mllint.named_tuple import NamedTuple
from mllint.parse.shell import Redirect, Word
from mllint.parse.source import Location

# Program -> the sub-commands that take requirements.
_INSTALLERS = {
    "conda": ("install", "create", "update"),
    "mamba": ("install", "create", "update"),
    "micromamba": ("install", "create", "update"),
    "uv": ("add", "tool"),
    "poetry": ("add",),
    "pipenv": ("install",),
    "pdm": ("add",),
    "mim": ("install",),
}
_PIP_VERBS = ("install", "download", "wheel")


class VersionRedirect(NamedTuple):
    """A bound that became a redirect.

    package: the word in front of it, as written. bound: operators and versions as written, all
    that follow one another (`>=2.0,<3`). reads: the name of the first file that the shell opens
    for reading, None when it only writes. location: from the package to the end of the bound.
    plain: neither in quotes nor inside a string that another shell reads.
    """

    package: str
    bound: str
    reads: str | None
    location: Location
    plain: bool


def version_redirects(run: Execution) -> Iterator[VersionRedirect]:
    """The bounds of an install command that the shell takes away, in order."""
    if not run.command.redirects or not _installs(run):
        return
    ends = [(word.span.end_line, word.span.end_column) for word in run.command.argv]
    chain: list[Redirect] = []
    for redirect in run.command.redirects:
        if chain and not _touches(chain[-1].span.end_line, chain[-1].span.end_column, redirect):
            yield from _bound(run, chain, ends)
            chain = []
        if _is_version(redirect) or (chain and redirect.target.text.startswith("$")):
            chain.append(redirect)
        elif chain:  # `torch>=2.0>log`: the log is one
            yield from _bound(run, chain, ends)
            chain = []
    yield from _bound(run, chain, ends)


def _installs(run: Execution) -> bool:
    pip = pip_arguments(run)
    if pip is not None:
        return pip[1] in _PIP_VERBS
    verbs = _INSTALLERS.get(run.program)
    return verbs is not None and next(iter(run.words), "") in verbs


def _touches(line: int, column: int, redirect: Redirect) -> bool:
    return (redirect.span.line, redirect.span.column) == (line, column)


def _is_version(redirect: Redirect) -> bool:
    """`>=2.0`, `<3`, `>$MIN`… but not `>log.txt` or `2>&1`."""
    if redirect.operator not in (">", "<") or redirect.descriptor is not None:
        return False
    target = redirect.target.text
    if target.startswith("="):
        return True
    try:
        Version(target.partition(",")[0])
    except InvalidVersion:
        return False
    return True


def _bound(
    run: Execution, chain: list[Redirect], ends: list[tuple[int, int]]
) -> Iterator[VersionRedirect]:
    if not chain:
        return
    package = _word_before(run, chain[0], ends)
    if package is None or package.text.startswith("-"):
        return
    glued = _touches(package.span.end_line, package.span.end_column, chain[0])
    # `pip install x > 2` may be a log with an odd name; `x > 2.0` and `x >=2` are bounds.
    if not glued and "." not in chain[0].target.text and not chain[0].target.text.startswith("="):
        return
    words = [package, *(item.target for item in chain)]
    reads = next((item.target.text for item in chain if item.operator == "<"), None)
    yield VersionRedirect(
        package=package.text,
        bound="".join(f"{item.operator}{item.target.text}" for item in chain),
        reads=reads,
        location=Location(run.location.path, package.span.to(chain[-1].span)),
        plain=not run.command.scope and not any(map(_is_quoted, words)),
    )


def _word_before(run: Execution, redirect: Redirect, ends: list[tuple[int, int]]) -> Word | None:
    """The argument that ends right in front of the redirect, or one blank before it."""
    line, column = redirect.span.line, redirect.span.column
    position = bisect_right(ends, (line, column)) - 1
    word = run.command.argv[position] if position >= 0 else None
    if word is None or word.span.line != line or column - word.span.end_column > 1:
        return None
    return word


def _is_quoted(word: Word) -> bool:
    return word.quoted or any(char in word.text for char in "\"'\\`")
