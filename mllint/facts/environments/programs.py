"""Names of programs and versions as users write them in, which Python they mean out."""

import re

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
    match = re.fullmatch(r"(?:c?python-?)?(3\.\d+(?:\.\d+)?)", text)
    return Version(match[1]) if match else None
