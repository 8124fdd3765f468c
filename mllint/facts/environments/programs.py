"""Names of programs and versions as users write them in, which Python they mean out."""

import re
from collections.abc import Iterable, Iterator

from packaging.version import Version

from mllint.regex import lazy

_INTERPRETER = lazy(
    r"""
    (?: python | pip | pypy )
    (?P<version> \d (?: \.\d+ )? )?  # python3, pip3.11
    $
    """,
    re.VERBOSE,
)

# The letters before `m` are switches of their own: `-Imvenv`, but not `-Wm` or `-cm`.
_MODULE_OPTION = lazy(r"-[bBdEhiIOPqRsSuvx]*m(?P<name>.*)")


def is_interpreter(program: str) -> bool:
    """True for `python`, `python3`, `python3.11`, `pip`, `pip3` and so on."""
    return _INTERPRETER.match(program) is not None


def wanted_version(program: str) -> str | None:
    """`3.11` for `python3.11` or `pip3.11`; None when the name says no minor version."""
    match = _INTERPRETER.match(program)
    version = match["version"] if match else None
    return version if version and "." in version else None


def python_version(text: str) -> Version | None:
    """`3.11`, `python3.11`, `cpython-3.11.4` -> the version; None for a path or a range."""
    match = re.fullmatch(r"(?:c?python-?)?(3\.[0-9]+(?:\.[0-9]+)?)", text)
    return Version(match[1]) if match else None


def python_module(words: tuple[str, ...]) -> tuple[str, int]:
    """The module that `python -m NAME` runs, with the number of words up to its arguments.

    `-mpip` and `-Im pip` as well; ("", 0) when the words run no module.
    """
    skip = 0
    while skip < len(words) and words[skip].startswith("-"):
        word = words[skip]
        match = _MODULE_OPTION.fullmatch(word)
        if match is not None and match["name"]:
            return match["name"], skip + 1
        if match is not None:
            return (words[skip + 1], skip + 2) if skip + 1 < len(words) else ("", 0)
        if "c" in word and not word.startswith("--"):
            return "", 0
        skip += 2 if word in ("-X", "-W") else 1
    return "", 0


def operands(words: Iterable[str], valued: frozenset[str]) -> Iterator[str]:
    """The words that are neither options nor the values of those options that take one."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in valued
        else:
            yield word
