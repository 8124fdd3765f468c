"""Heredocs of a Dockerfile: the marks (`<<EOF`) on a joined line, and the bodies below it.

Knows how Docker finds them, which is not how a shell does: `cat<<EOF` and `$(cat <<<word)` are
none to Docker. Does not know which instructions may hold one.
"""

import re
from collections.abc import Sequence

from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile.instruction import Heredoc
from mllint.parse.dockerfile.lexer import DockerLexer, LexicalError
from mllint.parse.source import MappedText
from mllint.regex import lazy

_MARK = lazy(
    r"""
    (?P<descriptor>[0-9]*)
    <<
    (?P<strip>-?)
    [\t\n\f\r\ ]*
    (?P<delimiter>[^<]*)           # of `<<-` alone nothing: no heredoc
    """,
    re.VERBOSE,
)


class Mark(NamedTuple):
    """A heredoc as its instruction announces it."""

    name: str
    expand: bool
    strip_tabs: bool
    file_descriptor: int


def heredoc_marks(line: str) -> tuple[Mark, ...]:
    """The heredocs that a joined line announces, in order.

    None at all when Docker's lexer cannot read the line: `RUN echo it's <<EOF`. The lexer escapes
    with a backslash here, whatever the escape directive says.
    """
    try:
        words = DockerLexer(line, raw_quotes=True, raw_escapes=True).words()
    except LexicalError:
        return ()
    return tuple(mark for word in words if "<<" in word and (mark := parse_mark(word)))


def parse_mark(word: str) -> Mark | None:
    """The heredoc that a word announces, if it does."""
    match = _MARK.fullmatch(word)
    if match is None:
        return None
    try:
        plain = DockerLexer(match["delimiter"]).words()
        raw = DockerLexer(match["delimiter"], raw_quotes=True).words()
    except LexicalError:
        return None
    if len(plain) != 1 or len(raw) != 1:
        return None
    descriptor = match["descriptor"]
    return Mark(
        plain[0],
        expand=_quotes(plain[0]) == _quotes(raw[0]),
        strip_tabs=match["strip"] == "-",
        file_descriptor=int(descriptor) if 0 < len(descriptor) < 10 else 0,
    )


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')


class Bodies:
    """Reads the bodies of one file; `lines` are its lines, ends cut but for carriage returns."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        # Where each line stands last, so that a heredoc without an end is found without a search.
        self._last = {line.rstrip("\r"): index for index, line in enumerate(lines)}
        self._last_bare = {line.lstrip("\t"): index for line, index in self._last.items()}
        for line, index in self._last.items():
            bare = line.lstrip("\t")
            self._last_bare[bare] = max(index, self._last_bare[bare])

    def read(self, mark: Mark, first: int) -> tuple[Heredoc, int, bool]:
        """The heredoc whose body begins at index `first`, the index after it, whether it ends.

        One without an end goes on to a line that differs from the delimiter in blanks only
        (`  EOF`, the usual mistake), or to the end of the file.
        """
        last = self._last_bare if mark.strip_tabs else self._last
        terminated = last.get(mark.name, -1) >= first
        end = first
        while end < len(self._lines):
            line = self._lines[end].rstrip("\r")
            if (line.lstrip("\t") if mark.strip_tabs else line) == mark.name:
                break
            if not terminated and line.strip() == mark.name:
                break
            end += 1
        return self._heredoc(mark, first, end), min(end + 1, len(self._lines)), terminated

    def _heredoc(self, mark: Mark, first: int, end: int) -> Heredoc:
        pieces = []
        for number, line in enumerate(self._lines[first:end], first + 1):
            text = line.lstrip("\t") if mark.strip_tabs else line
            pieces.append((text + "\n", number, len(line) - len(text) + 1))
        body = MappedText.from_pieces(pieces or [("", first + 1, 1)])
        return Heredoc(mark.name, body, mark.expand, mark.strip_tabs, mark.file_descriptor)
