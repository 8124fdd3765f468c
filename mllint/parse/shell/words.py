"""The text of one shell word in, its parts out: literals, parameters, substitutions.

Removes quotes and escapes as bash does; expands nothing.
"""

import re

from mllint.parse.shell.ansi import decode_ansi
from mllint.parse.shell.quoting import stretch_end
from mllint.parse.shell.syntax import Literal, Parameter, Part, Substitution, Word
from mllint.parse.shell.text import ShellText
from mllint.regex import lazy

# ${a:-${b:-${c}}} nests deeper than this in no real script; what is deeper stays unread.
_DEEPEST_OPERAND = 20

_SPECIAL = lazy(r"""[\\'"$`*?\[<>{]""")
_SEVERAL = lazy(r",|\.\.")
_SPECIAL_IN_DOUBLE_QUOTES = lazy(r'[\\"$`]')
_ESCAPED_IN_DOUBLE_QUOTES = '$`"\\'
_PLAIN_PARAMETER = lazy(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_BRACED_PARAMETER = lazy(
    r"""
    (?P<prefix> [!\#] (?=[\w@*]) )?                       # ${!NAME}, ${#NAME}
    (?P<name> (?: [A-Za-z_]\w* | \d+ | [@*\#?$!-] )
        (?: \[ [^\]]* \] )? )
    (?: (?P<operator> :[-=+?] | [-=+?] | \#\#? | %%? | //? | \^\^? | ,,? | : | @ )
        (?P<operand> .* ) )?
    """,
    re.VERBOSE | re.DOTALL,
)


class _Parts:
    """Collects the parts of one word; `found` gets the inside of each command substitution."""

    __slots__ = ("braces", "found", "glob", "letters", "parts", "quoted")

    def __init__(self, found: "list[Inside]", *, braces: bool = False) -> None:
        self.braces = braces  # whether a `{` has still to be looked at
        self.parts: list[Part] = []
        self.letters: list[str] = []
        self.quoted = False
        self.glob = False
        self.found = found

    def add(self, part: Part) -> None:
        self.flush()
        self.parts.append(part)

    def flush(self) -> None:
        """Close the run of literal characters, so that neighbours make one part."""
        if letters := "".join(self.letters):
            self.parts.append(Literal(letters))
        self.letters.clear()


Inside = tuple[int, int, bool]  # start, end, whether it stands in backquotes


def read_word(
    text: ShellText, start: int, end: int, found: list[Inside], *, braces: bool = True
) -> Word:
    """The word at `start`…`end`; appends to `found` where commands stand in it.

    braces: whether `{a,b}` makes several words of it, which bash does and dash does not.
    """
    parts = _Parts(found, braces=braces)
    _read_unquoted(text, start, end, parts, 0)
    parts.flush()
    span = text.span(start, end)
    return Word(tuple(parts.parts), span, text.written[start:end], parts.quoted, parts.glob)


def read_value(text: ShellText, start: int, end: int, found: list[Inside]) -> Word:
    """The value of an assignment; the list of `NAME=(a b)` is a Substitution."""
    if text.visible.startswith("(", start):
        parts = _Parts(found)
        _read_unquoted(text, start + 1, max(start + 1, end - 1), parts, 1)
        written = text.written[start:end]
        return Word((Substitution(written),), text.span(start, end), written)
    return read_word(text, start, end, found, braces=False)


def find_in_body(text: ShellText, start: int, end: int, found: list[Inside]) -> None:
    """Append to `found` where commands stand in a heredoc body or an arithmetic expression."""
    parts = _Parts(found)
    _read_double_quoted(text, start, end, parts, 1)


def _read_unquoted(text: ShellText, start: int, end: int, parts: _Parts, depth: int) -> None:
    visible, at = text.visible, start
    while at < end:
        match = _SPECIAL.search(visible, at, end)
        stop = match.start() if match else end
        if stop > at:
            parts.letters.append(visible[at:stop])
        if match is None:
            return
        char = match.group()
        if char == "\\":
            at = stop + 2
            if visible[stop + 1 : at] != "\n":
                parts.letters.append(visible[stop + 1 : min(at, end)] or char)
        elif char == "'":
            close = _close(visible, "'", stop + 1, end)
            parts.letters.append(visible[stop + 1 : close - 1])
            parts.quoted, at = True, close
        elif char == '"':
            close = _close(visible, '"', stop + 1, end)
            _read_double_quoted(text, stop + 1, close - 1, parts, depth)
            parts.quoted, at = True, close
        elif char in "$`":
            at = _read_dollar(text, stop, end, parts, depth, quoted=False)
        elif char == "{" and parts.braces:
            parts.braces = False
            if _SEVERAL.search(visible, stop, max(stop, visible.rfind("}", stop, end))):
                parts.add(Substitution(text.written[stop:end]))
            else:
                parts.letters.append(char)
            at = stop + 1
        elif char in "<>" and visible.startswith("(", stop + 1):
            at = _read_commands(text, stop, end, 2, parts)
        else:
            parts.letters.append(char)
            parts.glob = parts.glob or char in "*?["
            at = stop + 1


def _read_double_quoted(text: ShellText, start: int, end: int, parts: _Parts, depth: int) -> None:
    visible, at = text.visible, start
    while at < end:
        match = _SPECIAL_IN_DOUBLE_QUOTES.search(visible, at, end)
        stop = match.start() if match else end
        if stop > at:
            parts.letters.append(visible[at:stop])
        if match is None:
            return
        char = match.group()
        if char == "\\":
            at = stop + 2
            escaped = visible[stop + 1 : at]
            if escaped != "\n":
                known = escaped and escaped in _ESCAPED_IN_DOUBLE_QUOTES
                parts.letters.append(escaped if known else char + escaped)
        elif char == '"':  # "${x:-"a b"}"
            at = stop + 1
        else:
            at = _read_dollar(text, stop, end, parts, depth, quoted=True)


def _read_dollar(
    text: ShellText, start: int, end: int, parts: _Parts, depth: int, *, quoted: bool
) -> int:
    """Read what begins with `$` or a backquote at `start`; the offset past it."""
    visible = text.visible
    if visible[start] == "`":
        return _read_commands(text, start, end, 1, parts)
    following = visible[start + 1 : start + 2] if start + 1 < end else ""
    if following == "(":
        return _read_commands(text, start, end, 2, parts)
    if following == "{":
        return _read_braces(text, start, end, parts, depth, quoted=quoted)
    if following == "[":  # $[1+2], the old form of $((1+2))
        close = _close(visible, "$[", start + 2, end)
        parts.add(Substitution(text.written[start : min(close, end)]))
        return close
    if following and following in "'\"" and not quoted:
        close = _close(visible, "$" + following, start + 2, end)
        if following == "'":
            parts.letters.append(decode_ansi(visible[start + 2 : close - 1]))
        else:
            _read_double_quoted(text, start + 2, close - 1, parts, depth)
        parts.quoted = True
        return close
    match = _PLAIN_PARAMETER.match(visible, start + 1, end)
    if match is None:
        parts.letters.append("$")
        return start + 1
    parts.add(Parameter(match.group()))
    return match.end()


def _read_commands(text: ShellText, start: int, end: int, opener: int, parts: _Parts) -> int:
    """Read `$(…)`, `$((…))`, `<(…)` or backquotes; `opener` is the length of the opening mark."""
    visible = text.visible
    inside = start + opener
    close = _close(visible, visible[start:inside], inside, end)
    parts.add(Substitution(text.written[start : min(close, end)]))
    if visible.startswith("$((", start) and visible.endswith("))", inside, close):
        find_in_body(text, inside + 1, close - 2, parts.found)
    else:
        parts.found.append((inside, close - 1, opener == 1))
    return close


def _read_braces(
    text: ShellText, start: int, end: int, parts: _Parts, depth: int, *, quoted: bool
) -> int:
    """Read `${…}`; a form that bash calls a bad substitution is a Substitution."""
    close = _close(text.visible, "${", start + 2, end, quoted=quoted)
    match = _BRACED_PARAMETER.fullmatch(text.visible, start + 2, close - 1)
    if match is None or depth >= _DEEPEST_OPERAND:
        parts.add(Substitution(text.written[start : min(close, end)]))
        return close
    operator = match["operator"] or ""
    if match["prefix"]:
        operator = "length" if match["prefix"] == "#" else "indirect"
    operand = None
    if match["operand"] is not None:
        first, last = match.span("operand")
        inner = _Parts(parts.found)
        read = _read_double_quoted if quoted else _read_unquoted
        read(text, first, last, inner, depth + 1)
        inner.flush()
        written = text.written[first:last]
        operand = Word(tuple(inner.parts), text.span(first, last), written, inner.quoted)
    parts.add(Parameter(match["name"], operator, operand))
    return close


def _close(text: str, opener: str, start: int, end: int, *, quoted: bool = False) -> int:
    """The offset past a stretch; an unclosed one ends one past `end`, as if closed there."""
    close = stretch_end(text, opener, start, end, in_double_quotes=quoted)
    return end + 1 if close < 0 else close
