"""The text of a lock that a program wrote in, the line that names each package out."""

from mllint.parse.source import SourceFile, Span
from mllint.parse.toml_text import header_lines


def package_spans(source: SourceFile, count: int, header: str = "package") -> list[Span]:
    """Where the `name = …` of each `[[package]]` stands, in order; the first line if not told."""
    lines = source.lines
    headers = header_lines(source.text, header)
    if len(headers) != count:
        return [Span(1, 1, 1, 1)] * count
    found = []
    for number in headers:
        line = number
        while line < len(lines) and lines[line].strip() and not lines[line].startswith("["):
            if lines[line].startswith("name"):
                number = line + 1
                break
            line += 1
        found.append(source_span(lines, number))
    return found


def source_span(lines: list[str], number: int) -> Span:
    """The whole of a 1-based line."""
    text = lines[number - 1]
    start = len(text) - len(text.lstrip()) + 1
    return Span(number, start, number, max(len(text.rstrip()) + 1, start))
