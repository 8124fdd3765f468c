"""A report in, workflow commands out, which GitHub Actions shows beside the lines of a diff.

    ::error file=Dockerfile,line=3,col=17,endLine=3,endColumn=29,title=mllint[slug]::message

Nothing from a file can end a command or begin another. Knows findings only.
"""

from mllint.finding import Finding, Report, Severity
from mllint.report.visible import visible

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report) -> str:
    """One line for each finding that is not suppressed, then one for each failure."""
    lines = [_command(finding) for finding in report.findings if finding.suppressed is None]
    for failure in report.failures:
        line = f"line={failure.line}," if failure.line is not None else ""
        place = f"file={_property(failure.path)},{line}" if failure.path else ""  # else an option
        lines.append(f"::error {place}title=mllint::{_data(failure.message)}")
    return "".join(f"{line}\n" for line in lines)


def _command(finding: Finding) -> str:
    problem, span = finding.problem, finding.problem.location.span
    properties = (
        f"file={_property(problem.location.path)},line={span.line},col={span.column},"
        f"endLine={span.end_line},endColumn={span.end_column},"
        f"title={_property(f'mllint[{finding.rule}]')}"
    )
    message = f"{_data(problem.message)}%0Ahelp: {_data(problem.help)}"
    return f"::{_COMMANDS[finding.severity]} {properties}::{message}"


def _data(text: str) -> str:
    """`text` for the part behind the second `::`."""
    # A line break is kept, in the runner's escape; other control characters are made visible.
    lines = text.replace("%", "%25").replace("\r\n", "\n").split("\n")
    return "%0A".join("%0D".join(visible(part) for part in line.split("\r")) for line in lines)


def _property(text: str) -> str:
    """`text` for a value between `::` and `::`, where `:` and `,` have a meaning too."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
