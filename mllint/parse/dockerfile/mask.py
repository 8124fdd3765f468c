"""Lines of a Dockerfile in; out come lines that dockerfile-parse reads as the builder does.

dockerfile-parse takes heredoc bodies for instructions, ends an instruction at nothing but a line
without a continuation, and honours an escape directive in its own way. So every line that only
carries an instruction on is masked with a comment line: line numbers stay, and the text is cut
from the original file afterwards. Knows continuations, comments, heredocs and parser directives.
"""

import re
from collections.abc import Sequence

from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile.heredoc import Bodies, Mark, heredoc_marks
from mllint.parse.dockerfile.instruction import Heredoc, SyntaxProblem
from mllint.parse.dockerfile.words import SPACES, exec_form, split_line
from mllint.parse.source import MappedText, Span
from mllint.regex import lazy

# Stands for a line that is masked; no comment of an author looks like it.
MASK = "#\0"
# Looking up a position takes time linear in the length of its piece: a line of a million words.
_LONGEST_PIECE = 2000
_HEREDOC_KEYWORDS = frozenset(("ADD", "COPY", "RUN"))
_DIRECTIVE = lazy(
    r"""
    (?P<name>[a-zA-Z][a-zA-Z0-9]*)
    [\t\n\f\r\ ]*=[\t\n\f\r\ ]*
    (?P<value>.+?)
    [\t\n\f\r\ ]*
    """,
    re.VERBOSE,
)
_DIRECTIVES = frozenset(("check", "escape", "syntax"))


class Directives(NamedTuple):
    """The parser directives at the top of a file; `lines` is how many hold them."""

    escape: str = "\\"
    syntax: str | None = None
    lines: int = 0
    problems: tuple[SyntaxProblem, ...] = ()


class Masked(NamedTuple):
    """The masked text, and by 0-based line of an instruction its heredocs and its last line."""

    text: str
    heredocs: dict[int, tuple[tuple[Heredoc, ...], int]]
    problems: tuple[SyntaxProblem, ...]


def read_directives(lines: Sequence[str], prefix: str = "#") -> Directives:
    """The directives: comments of the form `# name=value` from the first line on."""
    seen: dict[str, str] = {}
    problems: list[SyntaxProblem] = []
    count = 0
    for line in lines:
        text = line.strip(SPACES)
        match = _DIRECTIVE.fullmatch(text.removeprefix(prefix).lstrip(SPACES))
        if not text.startswith(prefix) or match is None:
            break
        name, value = match["name"].lower(), match["value"]
        if name not in _DIRECTIVES:
            break
        count += 1
        start = len(line) - len(line.lstrip(SPACES)) + 1
        span = Span(count, start, count, start + len(text))
        if name in seen:
            message = f"only one {name} parser directive can be used"
            problems.append(SyntaxProblem(span, message, f"delete this {name} directive"))
        elif name == "escape" and value not in ("\\", "`"):
            message = f"invalid escape token '{value}' does not match ` or \\"
            problems.append(SyntaxProblem(span, message, "write # escape=\\ or # escape=`"))
        seen.setdefault(name, value)
    escape = "`" if seen.get("escape") == "`" else "\\"
    syntax = seen["syntax"].partition(" ")[0] if "syntax" in seen else None
    return Directives(escape, syntax, count, tuple(problems))


def continues(line: str, escape: str) -> bool:
    r"""Whether the next line carries this one on: `a \` and `a \  ` do, `a \\` does not."""
    text = line.rstrip(" \t")
    return text.endswith(escape) and text[-2:-1] != escape


def is_skipped(line: str) -> bool:
    """Whether a line is blank or a comment, which an instruction goes on over."""
    text = line.lstrip(SPACES)
    return not text or text[0] == "#"


def join_lines(lines: Sequence[str], first: int, last: int, escape: str) -> MappedText:
    """The lines `first` to `last` (0-based) of an instruction as Docker joins them."""
    pieces = []
    for index in range(first, last + 1):
        line = lines[index]
        column = 1
        if index == first:
            line = line.lstrip(SPACES)
            column += len(lines[index]) - len(line)
        elif is_skipped(line):
            continue
        if continues(line, escape):
            line = line.rstrip(" \t")[:-1]
        if len(line) <= _LONGEST_PIECE:
            pieces.append((line, index + 1, column))
            continue
        pieces.extend(
            (line[start : start + _LONGEST_PIECE], index + 1, column + start)
            for start in range(0, len(line), _LONGEST_PIECE)
        )
    return MappedText.from_pieces(pieces)


class Masker:
    """One pass over the lines (without their ends); `raw` are the lines with carriage returns."""

    def __init__(self, lines: Sequence[str], raw: Sequence[str], directives: Directives) -> None:
        self._lines = lines
        self._raw = raw
        self._escape = directives.escape
        self._out = [MASK] * directives.lines
        self._bodies: Bodies | None = None
        self._heredocs: dict[int, tuple[tuple[Heredoc, ...], int]] = {}
        self._problems: list[SyntaxProblem] = []

    def masked(self) -> Masked:
        """The whole file, masked."""
        lines, out, total = self._lines, self._out, len(self._lines)
        at = len(out)
        while at < total:
            text = lines[at].strip(SPACES)
            if not text or text[0] == "#":
                out.append(text)
                at += 1
                continue
            last = self._last_line(at) if continues(lines[at], self._escape) else at
            self._mask_instruction(at, last, text)
            if any("<<" in line or line[:1] == "<" for line in lines[at : last + 1]):
                last = self._mask_heredocs(at, last)
            at = last + 1
        return Masked("\n".join(out) + "\n", self._heredocs, tuple(self._problems))

    def _last_line(self, first: int) -> int:
        lines, escape = self._lines, self._escape
        for index in range(first + 1, len(lines)):
            if not is_skipped(lines[index]) and not continues(lines[index], escape):
                return index
        return len(lines) - 1

    def _mask_instruction(self, first: int, last: int, text: str) -> None:
        if text[0] < " ":  # dockerfile-parse skips such characters as blanks
            text = "." + text
        if first == last:
            # Not carried on here, but dockerfile-parse would: `RUN a \\`
            self._out.append(text + "." if text.rstrip().endswith("\\") else text)
            return
        self._out.append(text if text.endswith("\\") else text + "\\")
        for line in self._lines[first + 1 : last]:
            bare = line.strip(SPACES)
            self._out.append(bare if bare[:1] == "#" else MASK)
        self._out.append(".")

    def _mask_heredocs(self, first: int, last: int) -> int:
        """Mask the bodies below an instruction; the last line of it with them."""
        head = join_lines(self._lines, first, last, self._escape)
        marks = announced(head.text, self._escape)
        if not marks:
            return last
        self._bodies = self._bodies or Bodies(self._raw)
        heredocs, following = [], last + 1
        for mark in marks:
            heredoc, following, terminated = self._bodies.read(mark, following)
            heredocs.append(heredoc)
            if not terminated:
                self._problems.append(_unterminated(head, mark))
        self._heredocs[first] = (tuple(heredocs), following - 1)
        self._out.extend([MASK] * (following - 1 - last))
        return following - 1


def announced(line: str, escape: str) -> tuple[Mark, ...]:
    """The heredocs of a joined line, if its instruction may hold any."""
    if "<<" not in line:
        return ()
    split = split_line(line, escape)
    keyword = line[slice(*split.keyword)].upper()
    start, end = split.arguments
    if keyword == "ONBUILD":
        inner = split_line(line[start:end], escape)
        keyword = line[start:end][slice(*inner.keyword)].upper()
        start, end = start + inner.arguments[0], start + inner.arguments[1]
    if keyword not in _HEREDOC_KEYWORDS or exec_form(keyword, line[start:end]) is not None:
        return ()
    return heredoc_marks(line)


def _unterminated(head: MappedText, mark: Mark) -> SyntaxProblem:
    at = max(head.text.find("<<"), 0)
    return SyntaxProblem(
        head.span(at, len(head.text.rstrip())),
        "unterminated heredoc",
        f"end the heredoc with a line that holds {mark.name} alone, no blanks around it",
    )
