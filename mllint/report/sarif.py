"""A report and the rules' pages in, a SARIF 2.1.0 log out, as GitHub code scanning reads it.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Knows findings and
pages only.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mllint import __version__
from mllint.catalog import RulePage
from mllint.finding import Failure, Finding, Fix, Report, Severity, Suppression
from mllint.parse.source import Location, Span
from mllint.report.fingerprint import fingerprints
from mllint.report.json import dump

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
HOME = "https://github.com/mllint/mllint-docker"
# What GitHub takes of one run (2026-11):
# https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
RESULT_LIMIT = 25_000
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report, pages: Mapping[str, RulePage], exit_code: int) -> str:
    """The log as JSON text; `pages` holds the page of every rule that found something."""
    findings = _most_severe(report.findings)
    slugs = sorted({finding.rule for finding in findings})
    index = {slug: number for number, slug in enumerate(slugs)}
    names = fingerprints(findings, report.sources)
    notes = [_failure_note(failure) for failure in report.failures]
    notes += [{"level": "warning", "message": {"text": text}} for text in report.warnings]
    if len(findings) < len(report.findings):
        text = f"{len(report.findings) - len(findings)} findings of lower severity were left out"
        notes.append({"level": "warning", "message": {"text": text}})
    run = {
        "tool": {
            "driver": {
                "name": "mllint",
                "version": __version__,
                "informationUri": HOME,
                "rules": [_rule(pages[slug]) for slug in slugs],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.failures,
                "exitCode": exit_code,
                "toolExecutionNotifications": notes,
            }
        ],
        "results": [
            _result(finding, index[finding.rule], name)
            for finding, name in zip(findings, names, strict=True)
        ],
    }
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _most_severe(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings that fit the limit, the most severe first chosen, order kept."""
    if len(findings) <= RESULT_LIMIT:
        return findings
    order = sorted(range(len(findings)), key=lambda number: -findings[number].severity)
    return tuple(findings[number] for number in sorted(order[:RESULT_LIMIT]))


def _rule(page: RulePage) -> dict[str, Any]:
    return {
        "id": page.slug,
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": page.summary},
        "help": {"text": page.text, "markdown": page.text},
        "helpUri": page.url,
        "defaultConfiguration": {"level": _LEVELS[page.severity]},
        "properties": {"tags": [page.category]},
    }


def _result(finding: Finding, rule_index: int, fingerprint: str) -> dict[str, Any]:
    problem = finding.problem
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{problem.message}\n{problem.help}"},
        "locations": [_location(problem.location)],
        "partialFingerprints": {"mllint/v1": fingerprint},
    }
    if problem.related:
        result["relatedLocations"] = [
            {"id": number, **_location(related.location), "message": {"text": related.message}}
            for number, related in enumerate(problem.related, start=1)
        ]
    if problem.fix:
        result["fixes"] = [_fix(problem.fix)]
    if finding.suppressed:
        result["suppressions"] = [_suppression(finding.suppressed)]
    return result


def _location(location: Location) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(location.path),
            "region": _region(location.span),
        }
    }


def _artifact(path: str) -> dict[str, str]:
    # A file name may hold bytes that are no UTF-8; they are escaped as they stand on the disk.
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    return {"uri": uri} if path.startswith("/") else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        replacement = {
            "deletedRegion": _region(edit.location.span),
            "insertedContent": {"text": edit.text},
        }
        changes.setdefault(edit.location.path, []).append(replacement)
    return {
        "description": {"text": fix.description},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": replacements}
            for path, replacements in changes.items()
        ],
    }


def _suppression(suppression: Suppression) -> dict[str, str]:
    kind = "inSource" if suppression.kind == "comment" else "external"
    return {"kind": kind} | (
        {"justification": suppression.reason} if suppression.reason is not None else {}
    )


def _failure_note(failure: Failure) -> dict[str, Any]:
    note: dict[str, Any] = {"level": "error", "message": {"text": failure.message}}
    if not failure.path:  # it is about an option
        return note
    place: dict[str, Any] = {"artifactLocation": _artifact(failure.path)}
    if failure.line is not None:
        place["region"] = {"startLine": failure.line}
    note["locations"] = [{"physicalLocation": place}]
    return note
