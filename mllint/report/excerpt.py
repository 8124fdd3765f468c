"""The lines of a file and a span in, the lines to print under a finding out, the span marked.

      |
    3 | RUN pip install torch==2.1.0
      |                 ^^^^^^^^^^^^

Knows tabs, wide characters and very long lines; knows no finding.
"""

from collections.abc import Iterable, Iterator, Sequence

from mllint.parse.source import Span
from mllint.report.visible import char_cells

# Of a longer line only the part around the span is shown, as wide as this.
WINDOW_CELLS = 110
_CONTEXT_CELLS = 40


def excerpt(lines: Sequence[str], span: Span) -> Iterator[tuple[str, str, bool]]:
    """(gutter, text, is_mark) of each line to print; none when `lines` does not hold the span.

    Of a span over many lines the first and the last are shown, with `...` for those between.
    """
    if not 1 <= span.line <= len(lines):
        return
    last = min(span.end_line, len(lines))
    # A span that ends in column 1 ends with the line before.
    if last > span.line and span.end_column == 1:
        last -= 1
    width = len(str(last))
    yield " " * width, "", False
    first_text = lines[span.line - 1]
    end = span.end_column if span.end_line == span.line else len(first_text) + 1
    yield from _marked(first_text, span.column, end, f"{span.line:>{width}}")
    if last == span.line:
        return
    if last > span.line + 1:
        yield "." * max(width, 3), "", False
    last_text = lines[last - 1]
    start = len(last_text) - len(last_text.lstrip()) + 1
    end = span.end_column if last == span.end_line else len(last_text) + 1
    yield from _marked(last_text, start, end, f"{last:>{width}}")


def masked(lines: Sequence[str], spans: Iterable[Span]) -> list[str]:
    """The lines with `*` for each character of the spans: what no output may print."""
    shown = list(lines)
    for span in spans:
        for number in range(span.line, min(span.end_line, len(shown)) + 1):
            line = shown[number - 1]
            start = span.column - 1 if number == span.line else 0
            end = span.end_column - 1 if number == span.end_line else len(line)
            stars = "*" * (min(end, len(line)) - start)
            shown[number - 1] = line[:start] + stars + line[start + len(stars) :]
    return shown


def _marked(line: str, start: int, end: int, gutter: str) -> Iterator[tuple[str, str, bool]]:
    """The line, and below it the marks from column `start` up to `end` (both 1-based)."""
    start = min(max(start, 1), len(line) + 1)
    end = min(max(end, start), len(line) + 1)
    shown, before, marked = _window(line, start - 1, end - 1)
    yield gutter, shown, False
    yield " " * len(gutter), " " * before + "^" * max(marked, 1), True


def _window(line: str, start: int, end: int) -> tuple[str, int, int]:
    """What to show of the line, the cells before offset `start`, and those from there to `end`."""
    left = _reach(line, range(start - 1, -1, -1), _CONTEXT_CELLS)
    right = _reach(line, range(start, len(line)), WINDOW_CELLS - _CONTEXT_CELLS)
    # A line that fits is shown from its beginning, wherever the span is.
    if len(line) <= WINDOW_CELLS * 2:
        cells = sum(char_cells(char)[1] for char in line)
        if cells <= WINDOW_CELLS:
            left, right = start, len(line) - start
    first, last = start - left, start + right
    parts = [char_cells(char) for char in line[first:last]]
    head, tail = "..." if first > 0 else "", "..." if last < len(line) else ""
    text = head + "".join(shown for shown, _ in parts) + tail
    before = len(head) + sum(cells for _, cells in parts[:left])
    marked = sum(cells for _, cells in parts[left : min(end, last) - first])
    return text.rstrip() if not tail else text, before, marked


def _reach(line: str, offsets: range, cells: int) -> int:
    """How many of the characters at `offsets` fit into so many cells."""
    for count, offset in enumerate(offsets):
        cells -= char_cells(line[offset])[1]
        if cells < 0 or count >= WINDOW_CELLS:
            return count
    return len(offsets)
