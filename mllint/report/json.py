"""A report in, JSON for programs out: version 1.

    {
      "version": 1,
      "tool": {"name": "mllint", "version": "0.1.0"},
      "files": ["Dockerfile"],                     every file that was judged
      "findings": [{
        "rule": "torch-cuda-mismatch", "severity": "error" | "warning" | "info", "url": "…",
        "path": "Dockerfile", "line": 3, "column": 17, "end_line": 3, "end_column": 29,
        "message": "…", "help": "…", "stage": "runtime" | null,
        "related": [{"path", "line", "column", "end_line", "end_column", "message"}],
        "fix": {"description", "safe", "edits": [{"path", …, "end_column", "text"}]} | null,
        "suppressed": {"kind": "comment" | "configuration" | "baseline", "reason"} | null
      }],
      "unchecked": [{"path": "…", "line": 1, "reason": "…"}],
      "failures": [{"path": "…", "line": 1 | null, "message": "…"}],
      "summary": {"errors": 0, "warnings": 0, "infos": 0, "suppressed": 0, "files": 1,
                  "hidden": 0,                     below --min-level, so not listed
                  "fixable": 0, "fixed": 0}        fixable: those with a safe fix
    }

Lines and columns are 1-based, columns count characters, an end column is one past the last.
Suppressed findings are listed, but not counted as errors. Keys may be added within version 1.
"""

import json
from typing import Any

from mllint import __version__
from mllint.finding import Finding, Fix, Report, Severity
from mllint.parse.source import Location


def render(report: Report) -> str:
    """The report as JSON text, ending with a newline."""
    return dump(
        {
            "version": 1,
            "tool": {"name": "mllint", "version": __version__},
            "files": list(report.files),
            "findings": [finding_json(finding) for finding in report.findings],
            "unchecked": [
                {
                    "path": unchecked.location.path,
                    "line": unchecked.location.span.line,
                    "reason": unchecked.reason,
                }
                for unchecked in report.unchecked
            ],
            "failures": [
                {"path": failure.path, "line": failure.line, "message": failure.message}
                for failure in report.failures
            ],
            "summary": _summary(report),
        }
    )


def dump(value: object) -> str:
    """JSON text that any reader accepts: lone surrogates, which UTF-8 has not, are replaced."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "replace").decode("utf-8")


def finding_json(finding: Finding) -> dict[str, Any]:
    """One finding, as every document has it."""
    problem, suppressed = finding.problem, finding.suppressed
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        **_location(problem.location),
        "message": problem.message,
        "help": problem.help,
        "url": finding.url,
        "stage": problem.stage,
        "related": [
            {**_location(related.location), "message": related.message}
            for related in problem.related
        ],
        "fix": _fix(problem.fix) if problem.fix else None,
        "suppressed": {"kind": suppressed.kind, "reason": suppressed.reason}
        if suppressed
        else None,
    }


def _location(location: Location) -> dict[str, Any]:
    span = location.span
    return {
        "path": location.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "description": fix.description,
        "safe": fix.safe,
        "edits": [{**_location(edit.location), "text": edit.text} for edit in fix.edits],
    }


def _summary(report: Report) -> dict[str, int]:
    shown = [finding.severity for finding in report.findings if finding.suppressed is None]
    return {
        "errors": shown.count(Severity.ERROR),
        "warnings": shown.count(Severity.WARNING),
        "infos": shown.count(Severity.INFO),
        "suppressed": len(report.findings) - len(shown),
        "files": len(report.files),
        "hidden": sum(1 for finding in report.below if finding.suppressed is None),
        "fixable": sum(
            1
            for finding in report.findings
            if finding.suppressed is None and finding.problem.fix and finding.problem.fix.safe
        ),
        "fixed": len(report.fixed or ()),
    }
