"""The text of a script with what reading it needs: positions by offset, heredocs set aside.

Offsets count characters of `written`; spans are in the file. Knows no grammar.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from mllint.parse.shell.heredocs import blank_bodies, find_heredocs
from mllint.parse.source import MappedText, Span
from mllint.regex import lazy


class ShellText:
    """A script's text; `visible` is the text with heredoc bodies blanked.

    With `fixed`, every position is that span: the text was put together from quoted pieces.
    """

    __slots__ = ("_positions", "_starts", "fixed", "heredocs", "mapped", "visible", "written")

    def __init__(self, mapped: MappedText, fixed: Span | None = None) -> None:
        self.written = mapped.text
        self.mapped = _split_at_newlines(mapped)
        self.fixed = fixed
        self._starts = self.mapped.starts
        self._positions = self.mapped.positions
        documents = find_heredocs(self.written)
        self.heredocs = {document.operator: document for document in documents}
        self.visible = blank_bodies(self.written, documents) if documents else self.written

    @staticmethod
    def fixed_at(written: str, span: Span) -> "ShellText":
        """A text all of whose positions are `span`."""
        return ShellText(MappedText(written, (0,), ((1, 1),)), span)

    def span(self, start: int, end: int) -> Span:
        """The span in the file of the text from `start` to `end`; takes logarithmic time."""
        if self.fixed is not None:
            return self.fixed
        starts = self._starts
        piece = bisect_right(starts, start) - 1
        line, column = self._positions[piece]
        column += start - starts[piece]
        if end <= start:
            return Span(line, column, line, column)
        if piece + 1 == len(starts) or end <= starts[piece + 1]:
            return Span(line, column, line, column + end - start)
        last = bisect_right(starts, end - 1) - 1
        end_line, end_column = self._positions[last]
        return Span(line, column, end_line, end_column + end - starts[last])

    def part(self, start: int, end: int) -> "ShellText":
        """The text from `start` to `end` as a script of its own."""
        return ShellText(self._slice(start, end), self.fixed)

    def _slice(self, start: int, end: int) -> MappedText:
        """`MappedText.slice` in logarithmic time: no piece of ours holds a newline inside."""
        starts, text = self._starts, self.written[start:end]
        first = bisect_right(starts, start) - 1
        line, column = self._positions[first]
        position = (line, column + start - starts[first])
        if not text or first + 1 == len(starts):
            return MappedText(text, (0,), (position,))
        last = bisect_right(starts, end - 1) - 1
        return MappedText(
            text,
            (0, *(offset - start for offset in starts[first + 1 : last + 1])),
            (position, *self._positions[first + 1 : last + 1]),
        )

    def unescaped(self, start: int, end: int, escapes: re.Pattern[str]) -> "ShellText":
        r"""The text from `start` to `end` with the first character of each escape left out.

        `escapes` matches a backslash with what it escapes, for `"…\"…"` or backquotes.
        """
        return ShellText(join(self._unescaped_pieces(start, end, escapes)), self.fixed)

    def _unescaped_pieces(
        self, start: int, end: int, escapes: re.Pattern[str]
    ) -> Iterator[MappedText]:
        for match in escapes.finditer(self.written, start, end):
            yield self._slice(start, match.start())
            start = match.start() + 1
        yield self._slice(start, end)

    def body(self, operator: int) -> MappedText | None:
        """The body of the heredoc whose `<<` stands at `operator`, tabs stripped for `<<-`."""
        document = self.heredocs.get(operator)
        if document is None:
            return None
        if not document.strip_tabs:
            return self._slice(document.start, document.end)
        return join(
            self._slice(line.start("rest"), line.end())
            for line in _TABBED_LINE.finditer(self.written, document.start, document.end)
        )


_TABBED_LINE = lazy(r"\t*(?P<rest>[^\n]*\n?)")


def join(pieces: Iterator[MappedText]) -> MappedText:
    """The texts one after the other, each with its positions."""
    return MappedText.from_pieces(
        (piece.text[start:stop], *position)
        for piece in pieces
        for start, stop, position in zip(
            piece.starts, (*piece.starts[1:], len(piece.text)), piece.positions, strict=True
        )
    )


def _split_at_newlines(mapped: MappedText) -> MappedText:
    """The same text with a piece for each line, so that positions need no search for newlines."""
    if "\n" not in mapped.text:
        return mapped
    starts, positions = [], []
    ends = (*mapped.starts[1:], len(mapped.text))
    for start, end, (line, column) in zip(mapped.starts, ends, mapped.positions, strict=True):
        while True:
            starts.append(start)
            positions.append((line, column))
            newline = mapped.text.find("\n", start, end)
            if newline < 0 or newline + 1 == end:
                break
            start, line, column = newline + 1, line + 1, 1
    return MappedText(mapped.text, tuple(starts), tuple(positions))
