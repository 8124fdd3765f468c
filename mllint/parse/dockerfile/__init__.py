"""Text of a Dockerfile in, instructions with positions out; the one adapter to dockerfile-parse.

Knows Docker's grammar (continuations, heredocs, flags, the JSON form), not what commands do.
"""

from io import BytesIO

from dockerfile_parse import DockerfileParser  # noqa: TID251

from mllint.parse.dockerfile.instruction import (
    Comment,
    Dockerfile,
    Flag,
    Heredoc,
    Instruction,
    SyntaxProblem,
)
from mllint.parse.dockerfile.mask import (
    MASK,
    Masked,
    Masker,
    join_lines,
    read_directives,
)
from mllint.parse.dockerfile.syntax import find_problems, is_docker_grammar
from mllint.parse.dockerfile.template import is_templated
from mllint.parse.dockerfile.words import exec_form, split_line
from mllint.parse.source import MappedText, SourceFile, Span

__all__ = [
    "Comment",
    "Dockerfile",
    "Flag",
    "Heredoc",
    "Instruction",
    "SyntaxProblem",
    "parse_dockerfile",
]


def parse_dockerfile(source: SourceFile) -> Dockerfile:
    """Instructions of `source` in file order; never raises: what is wrong is in `problems`."""
    raw = source.text.split("\n")
    if not raw[-1]:
        raw.pop()
    lines = [line.rstrip("\r") for line in raw] if "\r" in source.text else raw
    directives = read_directives(lines)
    masked = Masker(lines, raw, directives).masked()
    instructions: list[Instruction] = []
    comments: list[Comment] = []
    for entry in DockerfileParser(fileobj=BytesIO(masked.text.encode(errors="replace"))).structure:
        first, last, content = entry["startline"], entry["endline"], entry["content"]
        if content.startswith(MASK):
            continue
        if content.startswith("#"):
            comments.append(_comment(lines[first], first + 1))
        else:
            instructions.append(_instruction(lines, first, last, directives.escape, masked))
    syntax = _frontend(lines)
    problems = (*directives.problems, *masked.problems, *find_problems(instructions, lines))
    if source.wide:  # `echo FROM x > Dockerfile` of an old PowerShell
        message = "the file is UTF-16 or UTF-32, and the builder reads UTF-8"
        problems = (SyntaxProblem(Span(1, 1, 1, 1), message, "save the file as UTF-8"),)
    return Dockerfile(
        source.path,
        directives.escape,
        syntax,
        tuple(instructions),
        tuple(comments),
        tuple(sorted(problems, key=_place)) if is_docker_grammar(syntax) else (),
        is_templated(source.text, instructions),
        source.invalid,
    )


def _place(problem: SyntaxProblem) -> Span:
    return problem.span


def _frontend(lines: list[str]) -> str | None:
    """The image that `# syntax=` names, below a `#!` line too; `// syntax=` is known as well."""
    below = lines[1:] if lines and lines[0].startswith("#!") else lines
    return read_directives(below).syntax or read_directives(below, "//").syntax


def _comment(line: str, number: int) -> Comment:
    bare = line.lstrip()
    start = len(line) - len(bare) + 1
    bare = bare.rstrip()
    return Comment(bare[1:].strip(), Span(number, start, number, start + len(bare)))


def _instruction(
    lines: list[str], first: int, last: int, escape: str, masked: Masked
) -> Instruction:
    """The instruction whose joined line stands at `first` to `last` (0-based)."""
    head = join_lines(lines, first, last, escape)
    heredocs, last = masked.heredocs.get(first, ((), last))
    line, column = first + 1, len(lines[first]) - len(lines[first].lstrip()) + 1
    end = Span(last + 1, 1, last + 1, len(lines[last].rstrip()) + 1)
    return _parse_head(head, Span(line, column, line, column).to(end), escape, heredocs)


def _parse_head(
    head: MappedText,
    span: Span,
    escape: str,
    heredocs: tuple[Heredoc, ...],
    *,
    is_trigger: bool = False,
) -> Instruction:
    split = split_line(head.text, escape)
    keyword = head.text[split.keyword[0] : split.keyword[1]].upper()
    arguments = head.slice(*split.arguments)
    trigger = None
    # Docker refuses ONBUILD ONBUILD, so that one level is enough: `ONBUILD ONBUILD ONBUILD …`
    if keyword == "ONBUILD" and arguments.text and not is_trigger:
        line, column = arguments.position(0)
        inner = Span(line, column, span.end_line, span.end_column)
        trigger = _parse_head(arguments, inner, escape, heredocs, is_trigger=True)
        heredocs = ()
    return Instruction(
        keyword,
        arguments,
        tuple(_flag(head, *flag) for flag in split.flags),
        exec_form(keyword, arguments.text),
        heredocs,
        span,
        trigger,
        escape,
    )


def _flag(head: MappedText, word: str, start: int, end: int) -> Flag:
    name, equals, value = word.removeprefix("--").partition("=")
    return Flag(name, value if equals else None, head.span(start, end))
