"""Findings and the texts of their files in, one stable name for each finding out.

A name stays when lines move, are reindented or when other lines change: it is made of rule, path,
stage and the text of the lines at fault, not of line numbers. Knows findings only.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256

from mllint.finding import Finding
from mllint.parse.source import Span


def fingerprints(findings: Iterable[Finding], sources: Mapping[str, str]) -> list[str]:
    """The fingerprint of each finding, in order; equal ones are numbered `…:2`, `…:3`."""
    lines = {path: text.split("\n") for path, text in sources.items()}
    seen: Counter[str] = Counter()
    names: list[str] = []
    for finding in findings:
        problem = finding.problem
        path, span = problem.location
        text = text_at_fault(lines.get(path, []), span)
        digest = short_digest(finding.rule, path, problem.stage or "", text)
        seen[digest] += 1
        names.append(f"{digest}:{seen[digest]}")
    return names


def text_at_fault(lines: list[str], span: Span) -> str:
    """The text of the lines that a span touches, each run of blanks and line ends one blank."""
    return " ".join(" ".join(lines[span.line - 1 : span.end_line]).split())


def short_digest(*parts: str) -> str:
    """32 hexadecimal digits that stand for these texts in this order."""
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
