"""Shell text in, its here-documents out, and the text with their bodies blanked.

The shell's grammar cannot be read with the bodies in place (`cat <<A; cat <<B`, `<<EOF >out`), so
they are taken out first; offsets stay the same. Knows quotes, comments and `<<`, nothing more.
"""

import re
from collections.abc import Iterator

from mllint.named_tuple import NamedTuple
from mllint.parse.shell.quoting import stretch_end
from mllint.regex import lazy


class HereDocument(NamedTuple):
    """One here-document; all offsets are in the script's text.

    `operator` is where `<<` stands; the body runs from `start` to `end`, terminator line excluded.
    `expand` is False when the delimiter was quoted; `strip_tabs` is True for `<<-`.
    """

    operator: int
    start: int
    end: int
    expand: bool
    strip_tabs: bool


class _Announced(NamedTuple):
    """A `<<NAME` whose body begins after the end of the line."""

    operator: int
    name: str
    expand: bool
    strip_tabs: bool


_IN_COMMANDS = lazy(
    r"""
    \\.
    | (?<![^\s;&|()]) \# [^\n]*              # a comment, from the start of a word
    | <<<                                    # a here-string has no body
    | (?P<heredoc> << (?P<tabs>-?) [ \t]*
        (?P<name> (?: [^\s;&|()<>\\'"] | \\[^\n] | '[^'\n]*' | "[^"\n]*" )+ ) )
    | (?P<skip> \$\(\( | (?<![^\s;&|]) \(\( | \$\{ | ` | \$?' )
    | (?P<open> \$\( | \( | " )
    | (?P<close> \) )
    | (?P<line_end> \n )
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_DOUBLE_QUOTES = lazy(
    r'\\. | (?P<skip> \$\(\( | \$\{ | ` ) | (?P<open> \$\( ) | (?P<close> " )',
    re.VERBOSE | re.DOTALL,
)
_QUOTING = lazy(r"""\\(.)|['"]""")


def find_heredocs(text: str) -> tuple[HereDocument, ...]:
    """The here-documents of `text` in the order of their bodies, those inside `$(…)` too."""
    if "<<" not in text:
        return ()
    found: list[HereDocument] = []
    announced: list[_Announced] = []
    modes = [_IN_COMMANDS]
    at = 0
    while match := modes[-1].search(text, at):
        at = match.end()
        event = match.lastgroup
        if match.groupdict().get("heredoc"):
            announced.append(_announced(match))
        elif event == "line_end" and announced:
            found.extend(_bodies(text, at, announced))
            at = _line_after(text, found[-1].end)
            announced.clear()
        elif event == "open":
            modes.append(_IN_DOUBLE_QUOTES if match.group() == '"' else _IN_COMMANDS)
        elif event == "close" and len(modes) > 1:
            modes.pop()
        elif event == "skip":
            at = _skipped(text, match.group(), at)
    found.extend(_bodies(text, len(text), announced))  # the text ends on the line of the `<<`
    return tuple(found)


def _announced(match: re.Match[str]) -> _Announced:
    """The heredoc that the `heredoc` group of `match` opens."""
    name = match.group("name")
    plain = _QUOTING.sub(r"\1", name)
    return _Announced(match.start(), plain, plain == name, match.group("tabs") == "-")


def _skipped(text: str, opener: str, at: int) -> int:
    """The offset past the stretch that `opener` begins, in which no heredoc can stand."""
    kind = "(" if opener.endswith("(") else opener
    end = stretch_end(text, kind, at, len(text))
    if end < 0:
        return len(text)
    # `((1<<2))` closes twice; `$( (a) )` written as `$((a) )` does so later.
    return end + 1 if kind == "(" and text.startswith(")", end) else end


def _bodies(text: str, start: int, announced: list[_Announced]) -> Iterator[HereDocument]:
    """The bodies that follow one line, each up to its terminator or the end of the text."""
    for opened in announced:
        end = start
        while end < len(text):
            line_end = _line_after(text, end)
            line = text[end:line_end].rstrip("\r\n")
            if (line.lstrip("\t") if opened.strip_tabs else line) == opened.name:
                break
            end = line_end
        yield HereDocument(opened.operator, start, end, opened.expand, opened.strip_tabs)
        start = _line_after(text, end)


def _line_after(text: str, at: int) -> int:
    """The offset of the line after the one that holds `at`."""
    newline = text.find("\n", at)
    return len(text) if newline < 0 else newline + 1


def blank_bodies(text: str, heredocs: tuple[HereDocument, ...]) -> str:
    """`text` with the characters of each body and terminator line as blanks, newlines kept."""
    pieces, at = [], 0
    for document in heredocs:
        end = _line_after(text, document.end)
        pieces.append(text[at : document.start])
        pieces.append(_NOT_NEWLINE.sub(" ", text[document.start : end]))
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


_NOT_NEWLINE = lazy(r"[^\n]")
