r"""Text of unknown origin in, text that is safe to print out: nothing in it can steer a terminal.

Control characters, escape sequences, bidirectional overrides, line separators and lone surrogates
come out as `\x1b`, `\u202e`; knows nothing of findings.
"""

import re

from mllint.regex import lazy

_UNSAFE = lazy(
    r"""
    [\x00-\x1f\x7f-\x9f]             # control characters; \x9b begins an escape sequence too
    | [\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]  # invisible, or turns text around
    | [\ud800-\udfff]                # lone surrogates: bytes of a file name that are no UTF-8
    | [\U000e0000-\U000e007f]        # invisible tags
    """,
    re.VERBOSE,
)

_COMMAND = lazy(r"^([ \t]*)::", re.MULTILINE)


def visible(text: str) -> str:
    """`text` on one line, with every character that is not plainly printed written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda match: escape(match[0]), text)


def visible_lines(text: str) -> str:
    """The same for a text of several lines: only its line feeds stay as they are."""
    return commandless("\n".join(map(visible, text.split("\n"))))


def commandless(text: str) -> str:
    r"""`text` in which no line is a command of GitHub Actions: `::stop` begins with `\x3a:`.

    The runner reads all that a step prints, and skips blanks in front of the colons.
    """
    return _COMMAND.sub(r"\1\\x3a:", text) if "::" in text else text


def escape(char: str) -> str:
    r"""One character as Python would write it in a string: `\t`, `\x1b`, `\u202e`."""
    return char.encode("unicode_escape").decode("ascii")


def char_cells(char: str) -> tuple[str, int]:
    """How a character of a source line is shown, and how many cells of a terminal that takes."""
    if " " <= char <= "~":
        return char, 1
    if char == "\t":
        return "    ", 4
    shown = visible(char)
    if shown != char:
        return shown, len(shown)
    # Imported here: most runs show no such character.
    from unicodedata import combining, east_asian_width

    if combining(char):
        return char, 0
    return char, 2 if east_asian_width(char) in "WF" else 1
