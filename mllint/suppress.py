"""Findings and ignore comments in, the same findings out, marked where a comment covers them.

    # mllint: ignore[slug, other-slug] -- reason     one instruction or line
    # mllint: ignore-file[slug] -- reason            the whole file

Dockerfile: a comment directly above an instruction covers the whole instruction; one inside its
continuation covers the next line. In the shell text of a RUN (also in its heredoc) a comment
counts as in a shell script. Docker itself knows no comment at the end of a line: `FROM x # y` is
an error, so there it is not read. Every other file (requirements, YAML, TOML): at the end of a
line, or on the lines directly above it. Nothing is dropped here, and no rule is known but the two
built-in ones about the comments themselves.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from mllint.finding import Failure, Finding, Problem, Suppression
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Dockerfile, Instruction
from mllint.parse.source import Location, SourceFile, Span
from mllint.regex import lazy

UNUSED = "unused-ignore"
NO_REASON = "ignore-without-reason"
_WHOLE_FILE = 0

_MARK = lazy(
    r"""(?:^|(?<=\s))\#+\s*                    # the comment, at a line's start or after a blank
    (?P<all>mllint:\s*(?P<kind>ignore(?:-file)?)\b
        (?: \[(?P<slugs>[^\]\n]*)\]            # [slug, slug]
            (?P<reason>\s*--[^\n]*)?           # -- why
            (?=\s*(?:$|\#))
        )?
    )""",
    re.VERBOSE | re.UNICODE,  # a no-break space is a blank to pip, too
)


class Ignore(NamedTuple):
    """An ignore comment for one or more rules, and the lines of its file that it covers.

    lines: a range of 1-based lines, or only `_WHOLE_FILE`.
    """

    slugs: tuple[str, ...]
    reason: str | None
    location: Location
    lines: range


class Ignores(NamedTuple):
    """The ignore comments of one file, and those that cannot be read or name no rule."""

    valid: tuple[Ignore, ...] = ()
    failures: tuple[Failure, ...] = ()


class _Mark(NamedTuple):
    """An ignore comment as written, on its 1-based line; `alone` when the line holds no more."""

    match: re.Match[str]
    line: int
    alone: bool


def dockerfile_ignores(
    source: SourceFile, dockerfile: Dockerfile, explain: Callable[[str], str | None]
) -> Ignores:
    """The ignore comments of a Dockerfile; `explain` tells what is wrong with a rule name."""
    if "mllint:" not in source.text:
        return Ignores()
    lines = source.lines
    comments = {comment.span.line for comment in dockerfile.comments}
    shell = {line for item in dockerfile.instructions for line in _shell_lines(item)}
    starts = {item.span.line: item.span.end_line for item in dockerfile.instructions}
    marks = (
        mark
        for mark in _marks(lines)
        if mark.line in shell or (mark.alone and mark.line in comments)
    )
    below = _lines_below(lines)

    def covered(mark: _Mark) -> tuple[int, int]:
        line = below[mark.line] if mark.alone else mark.line
        return line, starts.get(line, line) if mark.alone else line

    return _collect(source.path, marks, covered, explain)


def _shell_lines(instruction: Instruction) -> Iterable[int]:
    """The lines of an instruction on which `#` begins a comment of the shell.

    Of the shell form that is its last line only: Docker joins the others before the shell sees
    them, so a `#` there would swallow the rest of the command.
    """
    instruction = instruction.trigger or instruction
    if instruction.keyword != "RUN" or instruction.exec_form is not None:
        return ()
    if instruction.heredocs:
        return range(instruction.span.line + 1, instruction.span.end_line)
    return (instruction.span.end_line,)


def text_ignores(source: SourceFile, explain: Callable[[str], str | None]) -> Ignores:
    """The ignore comments of a file in which `#` begins a comment anywhere."""
    if "mllint:" not in source.text:
        return Ignores()
    lines = source.lines
    below, logical = _lines_below(lines), logical_lines(lines)
    return _collect(
        source.path,
        _marks(lines),
        lambda mark: logical[min(below[mark.line] if mark.alone else mark.line, len(lines))],
        explain,
    )


def _marks(lines: list[str]) -> Iterator[_Mark]:
    for number, line in enumerate(lines, start=1):
        if "mllint:" in line and (match := _MARK.search(line)):
            yield _Mark(match, number, line.lstrip().startswith("#"))


def _lines_below(lines: list[str]) -> list[int]:
    """At index i: the line that a comment on line i stands above, the next that is no comment."""
    below = [len(lines) + 1] * (len(lines) + 1)
    for line in range(len(lines) - 1, 0, -1):
        comment = lines[line].lstrip().startswith("#")
        below[line] = below[line + 1] if comment else line + 1
    return below


def logical_lines(lines: list[str]) -> list[tuple[int, int]]:
    r"""At index i: first and last of the lines that line i makes up with backslashes.

    torch==2.1.0 \
        --hash=sha256:…  # mllint: ignore[slug]
    """
    logical, first = [(0, 0)], 1
    for line, text in enumerate(lines, start=1):
        if not text.endswith("\\") or line == len(lines):
            logical += [(first, line)] * (line - first + 1)
            first = line + 1
    return logical


def _collect(
    path: str,
    marks: Iterable[_Mark],
    covered: Callable[[_Mark], tuple[int, int]],
    explain: Callable[[str], str | None],
) -> Ignores:
    valid: list[Ignore] = []
    failures: list[Failure] = []
    for mark in marks:
        match, line = mark.match, mark.line
        words = (word.strip() for word in (match["slugs"] or "").split(","))
        slugs = tuple(dict.fromkeys(word for word in words if word))
        wrong = [message for slug in slugs if (message := explain(slug))]
        if not slugs:
            wrong = [f'write "# mllint: {match["kind"]}[rule] -- reason" to ignore a rule']
        failures += [Failure(path, line, message) for message in wrong]
        reason = (match["reason"] or "").strip().removeprefix("--").strip() or None
        span = Span(line, match.start("all") + 1, line, match.end("all") + 1)
        whole = match["kind"] == "ignore-file"
        first, last = (_WHOLE_FILE, _WHOLE_FILE) if whole else covered(mark)
        if not wrong:
            lines = range(first, last + 1)
            valid.append(Ignore(slugs, reason, Location(path, span), lines))
    return Ignores(tuple(valid), tuple(failures))


def mark_ignored(
    findings: Iterable[Finding], ignores: Collection[Ignore]
) -> tuple[tuple[Finding, ...], frozenset[tuple[Ignore, str]]]:
    """The findings, those that a comment covers marked; and the (comment, slug) that did so."""
    covering: dict[tuple[str, str, int], Ignore] = {}
    for ignore in ignores:
        for slug in ignore.slugs:
            for line in ignore.lines:
                # A line that an earlier comment covers: this one adds nothing, it is unused.
                if covering.setdefault((ignore.location.path, slug, line), ignore) is not ignore:
                    break
    marked: list[Finding] = []
    used: set[tuple[Ignore, str]] = set()
    for finding in findings:
        at, rule = finding.problem.location, finding.rule
        by = covering.get((at.path, rule, _WHOLE_FILE)) or covering.get(
            (at.path, rule, at.span.line)
        )
        if by is not None:
            used.add((by, rule))
            why = Suppression("comment", by.reason, by.location)
            finding = finding._replace(suppressed=why)
        marked.append(finding)
    return tuple(marked), frozenset(used)


def unused_problems(
    ignores: Iterable[Ignore], used: Collection[tuple[Ignore, str]], ran: Collection[str]
) -> Iterator[Problem]:
    """A problem for each comment and rule that covered nothing although the rule ran."""
    # What the built-in rules find depends on this very answer, so of them it is not asked.
    judged = set(ran) - {UNUSED, NO_REASON}
    for ignore in ignores:
        idle = [slug for slug in ignore.slugs if slug in judged and (ignore, slug) not in used]
        for slug in idle:
            only = len(ignore.slugs) == 1
            yield Problem(
                ignore.location,
                f"this comment ignores {slug}, which finds nothing here",
                "delete the comment" if only else f"delete {slug} from the comment",
            )


def reasonless_problems(ignores: Iterable[Ignore]) -> Iterator[Problem]:
    """A problem for each comment that does not say why."""
    for ignore in ignores:
        if ignore.reason is None:
            yield Problem(
                ignore.location,
                "this comment gives no reason, and require-ignore-reason is set",
                'end the comment with " -- " and the reason',
            )
