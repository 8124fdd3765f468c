"""A report in, lines for a person out.

    Dockerfile:3:17: error[torch-cuda-mismatch] torch 2.1.0 is built for CUDA 12.1; nvcc is 11.8
      |
    3 | RUN pip install torch==2.1.0
      |                 ^^^^^^^^^^^^
    Dockerfile:1:6: note: nvcc 11.8 comes with this image
      | …
    help: install torch==2.1.0+cu118

Knows findings only; every text from a file is made harmless before it is printed.
"""

from collections.abc import Iterator, Sequence

from click import style

from mllint.finding import Failure, Finding, Report, Severity
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.report.excerpt import excerpt, masked
from mllint.report.visible import commandless, visible

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


class TextStyle(NamedTuple):
    """What to print: quiet is one line a finding; verbose shows infos in full, too, and the rest.

    The rest is what was not checked.
    """

    color: bool = False
    quiet: bool = False
    verbose: bool = False
    show_suppressed: bool = False


def render(report: Report, form: TextStyle) -> str:
    """The whole report, ending with a newline; empty when nothing could be checked."""
    lines = list(_Renderer(report, form).report())
    return commandless("\n".join(lines)) + "\n" if lines else ""


def failure_line(failure: Failure) -> str:
    """`mllint: file:line: message`, for standard error."""
    line = f"{failure.line}:" if failure.line is not None else ""
    path = f"{visible(failure.path)}:{line} " if failure.path else ""
    return f"mllint: {path}{visible(failure.message)}"


class _Renderer:
    """Renders one report; keeps the lines of each file so that it is split only once."""

    def __init__(self, report: Report, form: TextStyle) -> None:
        self._report = report
        self._form = form
        self._hidden = report.hidden
        self._lines: dict[str, list[str]] = {}

    def report(self) -> Iterator[str]:
        """Every line of the report."""
        brief = False
        for finding, times in self._shown():
            if brief and not self._is_brief(finding) and not self._form.quiet:
                yield ""
            brief = self._is_brief(finding)
            yield from self._finding(finding, times)
        if self._form.quiet:
            return
        if brief:
            yield ""
        if self._form.verbose and self._report.unchecked:
            from mllint.report.unchecked import unchecked_lines

            yield "not checked:"
            yield from unchecked_lines(self._report.unchecked)
            yield ""
        fixed = list(fixed_lines(self._report))
        yield from (*fixed, "") if fixed else ()
        if self._report.files or self._report.unchecked:
            yield self._hinted(summary(self._report))
            yield from fixable(self._report)

    def _shown(self) -> Iterator[tuple[Finding, int]]:
        """The findings to print; of those that say the same of one line the first, and how many."""
        shown = [each for each in self._report.findings if not each.suppressed]
        if self._form.show_suppressed:
            shown = list(self._report.findings)
        alike: dict[object, list[Finding]] = {}
        for number, finding in enumerate(shown):
            key = number if self._form.quiet else _said(finding)
            alike.setdefault(key, []).append(finding)
        return ((findings[0], len(findings)) for findings in alike.values())

    def _finding(self, finding: Finding, times: int) -> Iterator[str]:
        problem, color = finding.problem, _COLORS[finding.severity]
        level = self._style(f"{finding.severity}[{finding.rule}]", color)
        ignored = f" {_ignored(finding)}" if finding.suppressed else ""
        place = self._style(place_text(problem.location))
        message = self._style(visible(problem.message))
        more = f" ({times} times in this line)" if times > 1 else ""
        yield f"{place}: {level}{ignored} {message}{more}"
        if self._is_brief(finding):
            return
        yield from self._excerpt(problem.location, color)
        for related in problem.related:
            place = self._style(place_text(related.location))
            yield f"{place}: {self._style('note', 'blue')}: {visible(related.message)}"
            yield from self._excerpt(related.location, "blue")
        yield f"{self._style('help', 'green')}: {visible(problem.help)}"
        yield ""

    def _hinted(self, text: str) -> str:
        """The summary, with a word on --verbose when that would add something."""
        findings = self._report.findings
        shown = (finding for finding in findings if finding.suppressed is None)
        more = any(finding.severity is Severity.INFO for finding in shown)
        if self._form.verbose or not (more or self._report.unchecked):
            return text
        if text.endswith(")"):
            return f"{text.removesuffix(')')}; see --verbose)"
        return f"{text} (see --verbose)"

    def _is_brief(self, finding: Finding) -> bool:
        """Whether one line has to do: there are many infos, and few that one acts upon at once."""
        is_info = finding.severity is Severity.INFO
        return self._form.quiet or (is_info and not self._form.verbose)

    def _excerpt(self, location: Location, color: str) -> Iterator[str]:
        path = location.path
        if path not in self._lines:
            text = self._report.sources.get(path, "")
            lines = [line.removesuffix("\r") for line in text.split("\n")]
            self._lines[path] = masked(lines, self._hidden.get(path, ()))
        if path not in self._report.sources:
            return
        for gutter, text, is_mark in excerpt(self._lines[path], location.span):
            edge = self._style(f"{gutter} |" if not gutter.startswith(".") else gutter, "blue")
            shown = self._style(text, color) if is_mark else text
            yield f"{edge} {shown}" if text else edge

    def _style(self, text: str, color: str | None = None) -> str:
        return style(text, fg=color, bold=True) if self._form.color else text


def _said(finding: Finding) -> tuple[str, int, str, str, bool]:
    """What findings have in common of which a person needs to read one only."""
    path, span = finding.problem.location
    said = finding.problem.message
    return path, span.line, finding.rule, said, finding.suppressed is None


def place_text(location: Location) -> str:
    """`Dockerfile:3:17`."""
    return f"{visible(location.path)}:{location.span.line}:{location.span.column}"


def _ignored(finding: Finding) -> str:
    suppressed = finding.suppressed
    reason = f": {visible(suppressed.reason)}" if suppressed and suppressed.reason else ""
    return f"(ignored by {suppressed.kind}{reason})" if suppressed else ""


def summary(report: Report) -> str:
    """`3 errors, 1 warning in 2 files (4 checked)`, and how much was ignored or not checked."""
    shown = [finding for finding in report.findings if finding.suppressed is None]
    counts = _counted(shown)
    checked = len(report.files)
    if counts:
        files = len({finding.problem.location.path for finding in shown})
        text = f"{', '.join(counts)} in {plural(files, 'file')} ({checked} checked)"
    else:
        text = f"no findings ({plural(checked, 'file')} checked)"
    if report.fixed is not None:
        text += f", {len(report.fixed)} fixed"
    ignored = len(report.findings) - len(shown)
    if ignored:
        text += f", {ignored} ignored"
    below = _counted([finding for finding in report.below if finding.suppressed is None])
    if below:
        text += f", {' and '.join(below)} not shown"
    if report.unchecked:
        text += f", {plural(len(report.unchecked), 'thing')} not checked"
    return text


def _counted(findings: Sequence[Finding]) -> list[str]:
    """`2 errors`, `1 info finding`: how many there are of each severity, the highest first."""
    counts = []
    for severity in sorted(Severity, reverse=True):
        number = sum(1 for finding in findings if finding.severity is severity)
        if number:
            counts.append(plural(number, "info finding" if severity < 2 else str(severity)))
    return counts


def fixed_lines(report: Report) -> Iterator[str]:
    """What was fixed: a heading, then a line for each file and rule; nothing when nothing was."""
    made: dict[tuple[str, str], int] = {}
    for finding in report.fixed or ():
        key = (_edited(finding), finding.rule)
        made[key] = made.get(key, 0) + 1
    if made:
        files = plural(len({path for path, _ in made}), "file")
        yield f"fixed {plural(sum(made.values()), 'finding')} in {files}:"
    for path, rule in sorted(made):
        yield f"  {visible(path)}: {made[path, rule]} {rule}"


def _edited(finding: Finding) -> str:
    """The file in which the fix of a finding begins."""
    fix = finding.problem.fix
    return fix.edits[0].location.path if fix else finding.problem.location.path


def fixable(report: Report) -> Iterator[str]:
    """One line about the findings that could be fixed, when there are any."""
    fixes = [
        finding.problem.fix
        for finding in report.findings
        if finding.suppressed is None and finding.problem.fix is not None
    ]
    unsafe = sum(1 for fix in fixes if not fix.safe)
    safe = len(fixes) - unsafe if report.fixed is None else 0
    if safe:
        more = f", {unsafe} more with --fix --unsafe-fixes" if unsafe else ""
        yield f"{safe} can be fixed with --fix{more}"
    elif unsafe:
        yield f"{unsafe} can be fixed with --fix --unsafe-fixes"


def plural(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
