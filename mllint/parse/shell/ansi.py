r"""The inside of a `$'…'` string in, the characters it stands for out (`\n`, `\x41`, `\u00e9`)."""

import re

from mllint.regex import lazy

_ESCAPE = lazy(
    r"""
    \\ (?:
        (?P<octal> [0-7]{1,3} )
      | x (?P<hex> [0-9a-fA-F]{1,2} )
      | u (?P<short> [0-9a-fA-F]{1,4} )
      | U (?P<long> [0-9a-fA-F]{1,8} )
      | c (?P<control> . )
      | (?P<letter> . )
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_LETTERS = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "?": "?",
}


def decode_ansi(text: str) -> str:
    """`text` with its escapes replaced; an escape that bash does not know stays as written."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    kind, value = match.lastgroup, match[match.lastgroup or 0]
    if kind == "letter":
        return _LETTERS.get(value, match.group())
    if kind == "control":
        return chr(ord(value) & 0x1F)
    code = int(value, 8) & 0xFF if kind == "octal" else int(value, 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"
