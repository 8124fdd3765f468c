"""Shell text in, tokens out: words, redirection operators, control operators, with offsets.

Knows where a word ends, not what it stands for; heredoc bodies must be blanked before.
"""

import re
from enum import IntEnum

from mllint.parse.shell.quoting import stretch_end
from mllint.regex import lazy


class Kind(IntEnum):
    """What a token is; a PLAIN word has no quote, escape, expansion or glob character."""

    PLAIN = 1
    WORD = 2
    REDIRECT = 3
    OPERATOR = 4
    BROKEN = 5  # a word whose quote or bracket is never closed; runs to the end of the text


Token = tuple[Kind, int, int]  # kind, start, end

# No `\r?` in the possessive group: Python before 3.11.5 goes on where such an alternative gave up
# (https://github.com/python/cpython/issues/106052), behind the backslash of `\*`.
_TOKEN = lazy(
    r"""
    (?: [ \t\r] | \\\n | \\\r\n )*+                  # blanks, continuation lines
    (?:
        (?P<redirect>
            (?: \d+ | \{[A-Za-z_]\w*\} )?            # 2>, {fd}>
            (?: <<< | <<-? | <& | <> | < (?!\() | >> | >& | >\| | > (?!\() )
            | &>>?
        )
      | (?P<operator> && | \|\| | \|& | ;;&? | ;& | [;&|()\n] )
      | (?P<plain>
            (?!\#) [^ \t\r\n;&|()<>\\'"$`*?\[]++
            (?= [ \t\r\n;&|)] | [<>](?!\() | \Z )
        )
      | (?P<comment> \# [^\n]* )
      | (?P<word> (?=.) )                            # anything else begins a word with quoting
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_KIND = {
    "redirect": Kind.REDIRECT,
    "operator": Kind.OPERATOR,
    "plain": Kind.PLAIN,
    "word": Kind.WORD,
}

_UNQUOTED = lazy(r"""[^ \t\r\n;&|()<>\\'"$`]*+""")
_UNQUOTED_IN_TEST = lazy(r"""[^ \t\r\n\\'"$`]*+""")
_ARRAY_START = lazy(r"[A-Za-z_]\w*\+?=")
_OPENERS = frozenset(("$(", "${", "$[", "$'", '$"', "<(", ">("))


def word_end(text: str, start: int, end: int, *, in_test: bool = False) -> int:
    """The offset past the word at `start`; -1 when a quote or bracket in it is never closed.

    In a test (`[[ … ]]`) only blanks end a word: `[[ a =~ ^(b|c)$ ]]`.
    """
    unquoted = _UNQUOTED_IN_TEST if in_test else _UNQUOTED
    at = start
    while at >= 0:
        match = unquoted.match(text, at, end)
        at = match.end() if match else at
        if at >= end:
            return end
        char = text[at]
        if char == "\\":
            at = min(at + 2, end)
        elif char in "'\"`":
            at = stretch_end(text, char, at + 1, end)
        elif text[at : at + 2] in _OPENERS and at + 1 < end:
            at = stretch_end(text, text[at : at + 2], at + 2, end)
        elif char == "$":
            at += 1
        elif char == "(" and _opens_inside_word(text, start, at):
            at = stretch_end(text, char, at + 1, end)
        else:
            return at
    return -1


def _opens_inside_word(text: str, start: int, at: int) -> bool:
    """Whether the `(` at `at` belongs to the word: `NAME=(a b)`, `!(*.txt)`."""
    if at == start:
        return False
    if text[at - 1] == "=":
        return _ARRAY_START.fullmatch(text, start, at) is not None
    return text[at - 1] in "?*+@!"


def tokens(text: str, start: int, end: int) -> list[Token]:
    """The tokens of `text[start:end]` without comments."""
    found: list[Token] = []
    append, match_token = found.append, _TOKEN.match
    at = start
    while match := match_token(text, at, end):
        group = match.lastgroup
        assert group is not None
        first, at = match.span(group)
        if group == "word":
            at = word_end(text, first, end)
            if at < 0:
                append((Kind.BROKEN, first, end))
                break
            at = max(at, first + 1)
        elif group == "comment":
            continue
        append((_KIND[group], first, at))
    return found


def test_tokens(text: str, start: int, end: int) -> list[Token]:
    """The words of `[[ … ]]` or `(( … ))`, in which operators are words too."""
    found: list[Token] = []
    edges = {start + 2, end - 2}
    at = start
    while at < end:
        if text[at] in " \t\r\n" or text.startswith("\\\n", at):
            at += 1 if text[at] != "\\" else 2
            continue
        limit = min((edge for edge in edges if edge > at), default=end)
        stop = word_end(text, at, limit, in_test=True)
        stop = limit if stop < 0 else stop
        found.append((Kind.WORD, at, stop))
        at = stop
    return found
