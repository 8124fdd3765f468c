"""A report in, the same report without credentials out: what every output is made from.

A credential can stand in any text that quotes a file: a message, a reason, the line itself. Fixes
are made from the report as it was, so that files keep theirs.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from mllint.facts.secrets.redaction import known_secrets, redacted, secrets_of
from mllint.finding import Failure, Finding, Problem, Report, Unchecked
from mllint.parse.source import SourceFile
from mllint.report.excerpt import masked

if TYPE_CHECKING:
    from mllint.facts.project import Project

Redact = Callable[[str], str]


def redactor(known: tuple[str, ...]) -> Redact:
    """What takes credentials out of a text; `known`: those that the files hold."""
    return lambda text: redacted(text, known)


def project_redactor(project: "Project") -> Redact:
    """The same for what is told of one Dockerfile and the files that it reads."""
    written = "\n".join(f"{each.keyword} {each.text}" for each in project.dockerfile.instructions)
    files = project.context.files if project.context is not None else None
    read = [files.read(files.absolute(path)) for path in project.read_files if files]
    arguments = given_secrets(project.options.build_args)
    return redactor((*arguments, *secrets_of((SourceFile(project.path, written), *read))))


def given_secrets(build_args: Mapping[str, object]) -> tuple[str, ...]:
    """The credentials among build arguments, which stand in no file."""
    return known_secrets(f"{name}={value}" for name, value in build_args.items())


def redacted_report(report: Report) -> Report:
    """The report with `*` in place of each credential, wherever its text is quoted."""
    redact = redactor(report.secrets)
    return report._replace(
        findings=tuple(_finding(finding, redact) for finding in report.findings),
        unchecked=tuple(Unchecked(note.location, redact(note.reason)) for note in report.unchecked),
        failures=redacted_failures(report.failures, redact),
        sources=redacted_sources(report, redact),
    )


def redacted_failures(failures: Iterable[Failure], redact: Redact) -> tuple[Failure, ...]:
    """The failures, for standard error or a report."""
    return tuple(each._replace(message=redact(each.message)) for each in failures)


def redacted_sources(report: Report, redact: Redact | None = None) -> dict[str, str]:
    """The texts of the report's files, of the same lines and columns."""
    redact = redact or redactor(report.secrets)
    shown, hidden = {}, report.hidden
    for path, text in report.sources.items():
        if path in hidden:
            text = "\n".join(masked(text.split("\n"), hidden[path]))
        shown[path] = redact(text)
    return shown


def _finding(finding: Finding, redact: Redact) -> Finding:
    suppressed = finding.suppressed
    if suppressed is not None and suppressed.reason is not None:
        suppressed = suppressed._replace(reason=redact(suppressed.reason))
    return finding._replace(problem=_problem(finding.problem, redact), suppressed=suppressed)


def _problem(problem: Problem, redact: Redact) -> Problem:
    fix = problem.fix
    if fix is not None:
        edits = tuple(edit._replace(text=redact(edit.text)) for edit in fix.edits)
        fix = fix._replace(description=redact(fix.description), edits=edits)
    return problem._replace(
        message=redact(problem.message),
        help=redact(problem.help),
        related=tuple(
            related._replace(message=redact(related.message)) for related in problem.related
        ),
        fix=fix,
    )
