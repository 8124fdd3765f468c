"""A text and edits of it in, the edited text out; whatever no edit names stays as it is.

Edits never overlap: of two that do, the one that came later is refused. Knows no file and no rule.
"""

from bisect import bisect_left, insort
from itertools import accumulate

from mllint.finding import Edit
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Span


class _Replacement(NamedTuple):
    """`text` for the characters from offset `start` up to `end`; number: which came first."""

    start: int
    end: int
    number: int
    text: str

    @property
    def is_line(self) -> bool:
        """Whether it inserts whole lines."""
        return self.start == self.end and self.text.endswith("\n")


class TextEditor:
    """One text and the edits that were accepted for it."""

    def __init__(self, text: str) -> None:
        self._text = text
        lengths = (len(line) + 1 for line in text.split("\n"))
        self._starts = [0, *accumulate(lengths)]
        self._accepted: list[_Replacement] = []

    def accept(self, edits: tuple[Edit, ...]) -> bool:
        """Take all the edits, or none when one overlaps what was taken; True when taken.

        One that was taken already, to the letter, is not made twice. Raises ValueError for a
        span that the text does not have.
        """
        first = len(self._accepted)
        wanted = [self._replacement(edit, number) for number, edit in enumerate(edits, first)]
        added: list[_Replacement] = []
        for new in wanted:
            at = bisect_left(self._accepted, (new.start, new.end))
            if any(same[:2] == new[:2] and same.text == new.text for same in self._near(at)):
                continue
            if any(_clash(new, other) for other in self._near(at)):
                self._accepted = [each for each in self._accepted if each not in added]
                return False
            insort(self._accepted, new)
            added.append(new)
        return True

    def _near(self, at: int) -> list[_Replacement]:
        """Those right before and after index `at`, and all that begin where the latter does."""
        last = at
        while last + 1 < len(self._accepted) and (
            self._accepted[last + 1].start == self._accepted[at].start
        ):
            last += 1
        return self._accepted[max(at - 1, 0) : last + 1]

    def result(self) -> str:
        """The text with every accepted edit made."""
        pieces: list[str] = []
        done = 0
        for replacement in self._accepted:
            pieces += (self._text[done : replacement.start], replacement.text)
            done = replacement.end
        return "".join((*pieces, self._text[done:]))

    def _replacement(self, edit: Edit, number: int) -> _Replacement:
        span, text = edit.location.span, edit.text
        if _is_below(span, len(self._starts) - 1) and not self._text.endswith("\n"):
            # A line to be added below the last one, which has no end.
            end = len(self._text)
            text = "\n" + text.removesuffix("\n")
            return _Replacement(end, end, number, self._with_line_ends(text, span.line - 1))
        start = self._offset(span.line, span.column)
        end = self._offset(span.end_line, span.end_column)
        if start > end:
            raise ValueError(f"a span that ends before it begins: {span}")
        return _Replacement(start, end, number, self._with_line_ends(text, span.line))

    def _offset(self, line: int, column: int) -> int:
        if not 1 <= line < len(self._starts):
            raise ValueError(f"there is no line {line}")
        offset = self._starts[line - 1] + column - 1
        if column < 1 or offset >= self._starts[line]:
            raise ValueError(f"there is no column {column} in line {line}")
        return offset

    def _with_line_ends(self, text: str, line: int) -> str:
        r"""The text with the line ends that the file has there: `\r\n` or `\n`."""
        # The end of that line, or of the one above the last, which may have none.
        for number in (line, line - 1):
            if 1 <= number < len(self._starts) - 1:
                end = self._starts[number] - 1
                if self._text[end - 1 : end] == "\r":
                    return text.replace("\n", "\r\n")
                return text
        return text


def _is_below(span: Span, lines: int) -> bool:
    return span == Span(lines + 1, 1, lines + 1, 1)


def _clash(one: _Replacement, other: _Replacement) -> bool:
    """Whether two different replacements cannot both be made, or not in a clear order."""
    if one.is_line and other.is_line:
        return False
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
