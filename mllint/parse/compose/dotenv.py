"""The text of a `.env` file in, its variables out: those whose value is plain text."""

import re

_ASSIGNMENT = re.compile(
    r"""
    \s* (?: export \s+ )?
    (?P<name> [A-Za-z_][\w.-]* )
    \s* [=:] [ \t]*
    (?P<value> '[^']*' | "(?: [^"\\] | \\. )*" | .*? )
    \s*
    """,
    re.VERBOSE,
)


def parse_dotenv(text: str) -> dict[str, str]:
    """The value of each variable, as Compose reads the file; later lines win.

    A value that holds another variable (`B=${A}/x`) is left out: what it is depends on the shell.
    """
    values: dict[str, str] = {}
    for line in text.split("\n"):
        match = None if line.lstrip().startswith("#") else _ASSIGNMENT.fullmatch(line)
        if match is None:
            continue
        name, value = match["name"], match["value"]
        if value[:1] == "'" and len(value) > 1:
            values[name] = value[1:-1]
            continue
        if value[:1] == '"' and len(value) > 1:
            value = value[1:-1]
        else:  # a comment needs a blank in front of it: `COLOR=#fff` is a value
            value = re.split(r"(?:^|\s)#", value, maxsplit=1)[0].rstrip()
        if "$" in value or "\\" in value:
            values.pop(name, None)
        else:
            values[name] = value
    return values
