"""A report in, drafts out in which a comment ignores each finding that fails the run.

A file whose findings or instructions are no longer the same afterwards is put back. Writes nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from mllint import catalog
from mllint.drafts import Drafts
from mllint.edits import TextEditor
from mllint.errors import InputError
from mllint.finding import Failure, Finding, Report, Severity
from mllint.ignore_places import ignoring_edits, same_content
from mllint.parse.source import SourceFile
from mllint.suppress import NO_REASON, UNUSED

# Comments about a rule's finding come first; then about one that it outranked, and what that one
# did; all of those can be unused or without a reason only then.
_ROUNDS = 5

Check = Callable[[Mapping[str, bytes]], Report]


def add_ignores(check: Check, drafts: Drafts, level: Severity) -> Report:
    """The report on the drafts once every finding at or above the level is ignored."""
    report = check(drafts.data)
    failures: dict[str, Failure] = {}
    for _ in range(_ROUNDS):
        wanted: dict[str, list[Finding]] = {}
        for finding in report.findings:
            path = finding.problem.location.path
            if finding.suppressed is None and finding.severity >= level and path not in failures:
                wanted.setdefault(path, []).append(finding)
        if not wanted:
            break
        before = dict(drafts.data)
        for path, findings in wanted.items():
            reason = _ignore(drafts, path, findings, report)
            if reason is not None:
                failures[path] = _failure(findings[0], reason)
        after = check(drafts.data)
        spoilt = _spoilt(report, after, wanted.keys() - failures.keys())
        if spoilt:
            drafts.restore(before)
            for path in spoilt:
                failures[path] = _failure(wanted[path][0], "a comment would change what it says")
        else:
            report = after
    return report._replace(failures=(*report.failures, *failures.values()))


def _failure(finding: Finding, reason: str) -> Failure:
    path, span = finding.problem.location
    return Failure(path, span.line, f"{finding.rule} cannot be ignored here: {reason}")


def _ignore(drafts: Drafts, path: str, findings: list[Finding], report: Report) -> str | None:
    """Put the comments into the draft of one file; or why that cannot be."""
    if path not in report.files:
        return "this file was not checked"  # so it did not go through the gate of the project
    dockerfile = path in report.dockerfiles
    try:
        before = SourceFile(path, drafts.text(path))
        edits = ignoring_edits(before, findings, dockerfile)
        if not edits:
            return "comments do not last in such a file; see per-file-ignores"
        editor = TextEditor(before.text)
        editor.accept(tuple(edits))
        after = before._replace(text=editor.result())
        if not same_content(before, after, dockerfile):
            return "a comment would change what it says"
        if not drafts.put(path, after.text):
            return "not all of it is text of its encoding"
    except InputError as error:
        return error.message
    return None


def _spoilt(before: Report, after: Report, paths: set[str]) -> set[str]:
    """The files of which the findings are not the same any more."""
    found = {finding.rule for finding in before.findings}
    outranked = {slug for rule in found for slug in catalog.page(rule).outranks}
    counts = [
        Counter(
            (finding.problem.location.path, finding.rule)
            for finding in report.findings
            if finding.rule not in (UNUSED, NO_REASON, *outranked)
        )
        for report in (before, after)
    ]
    differing = (counts[0] - counts[1]) | (counts[1] - counts[0])
    return {path for path, _ in differing} & paths
