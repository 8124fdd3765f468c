"""Findings and the texts of their files in, one stable name for each finding out.

A name stays when lines move, are reindented or when other lines change: it is made of rule, path,
stage and the text of the lines at fault, not of line numbers. Knows findings only.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256

from mllint.finding import Finding


def fingerprints(findings: Iterable[Finding], sources: Mapping[str, str]) -> list[str]:
    """The fingerprint of each finding, in order; equal ones are numbered `…:2`, `…:3`."""
    lines = {path: text.split("\n") for path, text in sources.items()}
    seen: Counter[str] = Counter()
    names: list[str] = []
    for finding in findings:
        location = finding.problem.location
        span = location.span
        at_fault = lines.get(location.path, [])[span.line - 1 : span.end_line]
        parts = (
            finding.rule,
            location.path,
            finding.problem.stage or "",
            " ".join(" ".join(at_fault).split()),
        )
        digest = sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
        seen[digest] += 1
        names.append(f"{digest}:{seen[digest]}")
    return names
