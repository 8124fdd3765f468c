"""A checker and options in; files fixed, or findings ignored by comments, and the outcome out.

What `--fix`, `--add-ignores` and `--diff` do. Drafts are written only once all is known.
"""

from collections.abc import Mapping
from typing import Any

from mllint.command import exit_code, render
from mllint.drafts import Change, Drafts, write
from mllint.errors import ConfigError
from mllint.finding import Failure, Report
from mllint.loader import STDIN
from mllint.outcome import Checker, Outcome
from mllint.parse.files import read_standard_input
from mllint.redact import redacted_report, redactor
from mllint.report.text import fixed_lines, plural


def change(checker: Checker, options: Mapping[str, Any]) -> Outcome:
    """Change the drafts as the options say, and write or show them."""
    stdin = read_standard_input() if STDIN in checker.paths else None
    drafts = Drafts(checker.cwd, checker.allow_outside, stdin)
    reports: list[Report] = []

    def check(data: Mapping[str, bytes]) -> Report:
        reports.append(checker(data))
        return reports[-1]

    if options["add_ignores"]:
        from mllint.add_ignores import add_ignores

        level = checker.settings.fail_level
        if level is None:
            raise ConfigError("--add-ignores needs a fail level")
        report = add_ignores(check, drafts, level)
    else:
        from mllint.fix import fix_all

        report = fix_all(check, drafts, unsafe=options["unsafe_fixes"])
    changes = tuple(drafts.changes())
    if options["diff"]:
        return _shown(report, changes, reports[0])
    return _written(report, changes, options, checker, drafts)


def _shown(report: Report, changes: tuple[Change, ...], before: Report) -> Outcome:
    """The outcome of --diff: exit code 1 when there is something to change."""
    from mllint.report.diff import render as render_diff

    redact = redactor(before.secrets)
    hidden = before.hidden, report.hidden
    output = "".join(
        render_diff(path, texts, (hidden[0].get(path, ()), hidden[1].get(path, ())), redact)
        for path, texts in ((each.path, each.texts) for each in changes)
    )
    note = f"{plural(len(changes), 'file')} would change" if changes else "nothing would change"
    if report.fixed:
        note = f"{plural(len(report.fixed), 'finding')} would be fixed, {note}"
    code = exit_code(report, None) or int(bool(changes))
    return Outcome(report, code, output, (note,) if code != 3 else ())


def _written(
    report: Report,
    changes: tuple[Change, ...],
    options: Mapping[str, Any],
    checker: Checker,
    drafts: Drafts,
) -> Outcome:
    """The outcome after writing; of standard input the new text is the output, as for ruff."""
    failed = [Failure(error.path or "", None, error.message) for error in write(changes)]
    report = report._replace(failures=(*report.failures, *failed))
    code = exit_code(report, checker.settings.fail_level)
    notes: tuple[str, ...] = ()
    if options["add_ignores"]:
        if changes and not options["quiet"]:
            notes = (f'{plural(len(changes), "file")} changed; put why in place of "-- REASON"',)
    elif changes and code == 0:
        code = 1
    if STDIN in checker.paths and not options["quiet"]:
        notes = (*notes, *fixed_lines(report))  # as the text of the file is on standard output
    output: str | bytes = drafts.data.get(STDIN, b"")
    if STDIN not in checker.paths:
        output = render(redacted_report(report), code, options)
    return Outcome(report, code, output, notes)
