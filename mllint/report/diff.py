"""The text of a file before and after in, a unified diff for a person or `patch` out.

Control characters and what no output may print are shown as everywhere else. Knows no finding.
"""

from collections.abc import Callable, Sequence
from difflib import unified_diff

from mllint.parse.source import Span
from mllint.report.excerpt import masked
from mllint.report.visible import commandless, visible


def render(
    path: str,
    texts: tuple[str, str],
    hidden: tuple[Sequence[Span], Sequence[Span]],
    redact: Callable[[str], str] = str,
) -> str:
    """The diff, "" for equal texts; hidden: what is not shown before and after.

    redact: takes out what no output may print. A line with a credential is then not the line of
    the file: `--fix` changes the file itself and keeps it, a diff may end up in a log.
    """
    before, after = (_lines(text, spans, redact) for text, spans in zip(texts, hidden, strict=True))
    name = visible(path)
    return commandless("".join(map(_ended, unified_diff(before, after, name, name))))


def _lines(text: str, hidden: Sequence[Span], redact: Callable[[str], str]) -> list[str]:
    """The lines with their ends, each harmless."""
    shown = masked(text.split("\n"), hidden)
    lines = redact("\n".join(shown)).split("\n")
    ended = [f"{line}\n" for line in lines[:-1]] + lines[-1:]
    return [_visible(line) for line in ended if line]


def _visible(line: str) -> str:
    bare = line.rstrip("\r\n")
    return "\t".join(map(visible, bare.split("\t"))) + line[len(bare) :]


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
