"""A report in, the findings of today out as JSON; later the same findings are marked by it.

    {
      "version": 1,
      "findings": [
        {"rule": "musl-base", "path": "Dockerfile", "stage": "0", "text": "9f8e…", "count": 1}
      ]
    }

A finding is known by its rule, file, stage and the text of its lines, of which only a digest is
kept: lines may move, and nothing secret is written down, not even the digest of a password.
Paths start from the folder of the baseline. Knows findings only.
"""

import json
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from mllint.errors import ConfigError
from mllint.finding import Finding, Report, Suppression
from mllint.named_tuple import NamedTuple
from mllint.parse.files import SIZE_LIMIT_BYTES, show
from mllint.report.fingerprint import short_digest, text_at_fault
from mllint.report.json import dump

_VERSION = 1
_KEYS: dict[str, type | tuple[type, ...]] = {
    "rule": str,
    "path": str,
    "stage": (str, type(None)),
    "text": str,
    "count": int,
}


class Entry(NamedTuple):
    """What stays the same about a finding; `text` is a digest."""

    path: str
    rule: str
    stage: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each entry was found; `path` as users write it, `folder` that of the file."""

    path: str
    folder: Path
    counts: Counter[Entry]

    def mark(
        self, report: Report, sources: Mapping[str, str], cwd: Path
    ) -> tuple[Report, Counter[Entry]]:
        """The report, known findings marked as suppressed; and the entries that were not found.

        sources: the texts of the report's files, without credentials.
        """
        left = Counter(self.counts)
        why = Suppression("baseline", self.path)
        findings: list[Finding] = []
        entries = _entries(report, sources, self.folder, cwd)
        for finding, entry in zip(report.findings, entries, strict=True):
            if finding.suppressed is None and left[entry] > 0:
                left[entry] -= 1
                finding = finding._replace(suppressed=why)
            findings.append(finding)
        return report._replace(findings=tuple(findings)), +left

    def stale(self, left: Counter[Entry], report: Report, rules: Collection[str], cwd: Path) -> int:
        """How many of the entries `left` are gone for good, and not just outside of this run.

        That is told of files that were checked or are no more, and of `rules`, which ran.
        """
        files = {_relative(cwd / path, self.folder) for path in report.files}
        return sum(
            count
            for entry, count in left.items()
            if (entry.path in files and entry.rule in rules)
            or not os.path.lexists(self.folder / entry.path)
        )


def render(report: Report, sources: Mapping[str, str], folder: Path, cwd: Path) -> str:
    """The text of a baseline for `folder` that holds every finding which is not suppressed."""
    entries = zip(report.findings, _entries(report, sources, folder, cwd), strict=True)
    counts = Counter(entry for finding, entry in entries if finding.suppressed is None)
    order = sorted(
        counts, key=lambda entry: (entry.path, entry.rule, entry.stage or "", entry.text)
    )
    findings = [
        {
            "rule": entry.rule,
            "path": entry.path,
            "stage": entry.stage,
            "text": entry.text,
            "count": counts[entry],
        }
        for entry in order
    ]
    return dump({"version": _VERSION, "findings": findings})


def load(path: Path, cwd: Path) -> Baseline:
    """The baseline in a file; raises ConfigError when there is none in it."""
    shown = show(path, cwd)
    try:
        with path.open("rb") as stream:
            data = stream.read(SIZE_LIMIT_BYTES + 1)
        value = json.loads(data.decode("utf-8-sig")) if len(data) <= SIZE_LIMIT_BYTES else None
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        hint = "; --write-baseline writes one" if missing else ""
        message = f"the baseline cannot be read: {(error.strerror or 'error').lower()}{hint}"
        raise ConfigError(message, shown) from error
    except json.JSONDecodeError as error:
        message = f"the baseline is not valid JSON: {error.msg}"
        raise ConfigError(message, shown, error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError("the baseline is not JSON in UTF-8", shown) from error
    return Baseline(shown, path.absolute().parent, _read(value, shown))


def _read(value: object, shown: str) -> Counter[Entry]:
    def refuse(what: str) -> NoReturn:
        raise ConfigError(f"{what}; --write-baseline writes the baseline anew", shown)

    if not isinstance(value, dict) or value.get("version") != _VERSION:
        refuse(f'the baseline has no "version": {_VERSION}')
    findings = value.get("findings")
    if not isinstance(findings, list):
        refuse('the baseline has no list of "findings"')
    counts: Counter[Entry] = Counter()
    for number, item in enumerate(findings, start=1):
        if not isinstance(item, dict):
            refuse(f"finding {number} of the baseline is no object")
        for key, kind in _KEYS.items():
            good = isinstance(item.get(key), kind) and not isinstance(item.get(key), bool)
            if key not in item or not good or (key == "count" and item[key] < 1):
                refuse(f"finding {number} of the baseline has no proper {key!r}")
        counts[Entry(item["path"], item["rule"], item["stage"], item["text"])] += item["count"]
    return counts


def _entries(
    report: Report, sources: Mapping[str, str], folder: Path, cwd: Path
) -> Iterator[Entry]:
    """The entry of each finding, in order."""
    lines = {path: text.split("\n") for path, text in sources.items()}
    for finding in report.findings:
        problem = finding.problem
        path, span = problem.location
        digest = short_digest(text_at_fault(lines.get(path, []), span))
        yield Entry(_relative(cwd / path, folder), finding.rule, problem.stage, digest)


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
