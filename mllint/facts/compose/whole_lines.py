"""A key of a YAML file and its value in, the lines out that go when both are deleted."""

from mllint.parse.source import Location, SourceFile, Span


def whole_lines(place: Location, source: SourceFile) -> Location | None:
    """The lines from the key to the end of the value, their ends included.

    With them go the empty lines below, where the file would begin with these, or hold two gaps in a
    row. None when something else stands on those lines, as in `{version: "3", services: {}}`.
    """
    lines, span = source.lines, place.span
    before = lines[span.line - 1][: span.column - 1]
    behind = lines[span.end_line - 1][span.end_column - 1 :].strip()
    if before.strip() or (behind and not behind.startswith("#")):
        return None
    end = span.end_line
    if span.line == 1 or not lines[span.line - 2].strip():
        while end < len(lines) - 1 and not lines[end].strip():
            end += 1
    return Location(place.path, Span(span.line, 1, end + 1, 1))
