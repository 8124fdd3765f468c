"""The text of a `.env` file in, its variables out: those whose value is plain text."""

import re
from collections.abc import Callable

from mllint.regex import lazy

_LINE_LIMIT = 10_000
"""Characters; no value that an image name or a size is made of is longer."""
_ASSIGNMENT = lazy(
    r"""
    (?: export \s+ )?
    (?P<name> [A-Za-z_][\w.-]* )
    \s* [=:] [ \t]*
    (?: '(?P<single> [^']* )' | "(?P<double> (?: [^"\\] | \\. )* )" | (?P<plain> .*? ) )
    (?: [ \t]+ \#.* )?    # a comment needs a blank in front of it: `COLOR=#fff` is a value
    """,
    re.VERBOSE,
)


def parse_dotenv(
    text: str, expand: Callable[[str, dict[str, str]], str | None] | None = None
) -> dict[str, str]:
    """The value of each variable, as Compose reads the file; later lines win.

    A value that holds another variable (`B=${A}/x`) is what `expand` makes of it and of the
    variables above it; without one it is left out: what it is depends on the shell.
    """
    values: dict[str, str] = {}
    for line in text.split("\n"):
        line = line.strip()
        match = _ASSIGNMENT.fullmatch(line) if len(line) <= _LINE_LIMIT else None
        if match is None or line.startswith("#"):
            continue
        name, single = match["name"], match["single"]
        value = match["double"] or match["plain"] or ""
        if single is not None:
            values[name] = single
        elif "$" in value or "\\" in value:
            expanded = expand(value, values) if expand is not None else None
            values.pop(name, None)
            if expanded is not None:
                values[name] = expanded
        else:
            values[name] = value
    return values
