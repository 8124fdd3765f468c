"""Problems of the rules in, findings out: severity and URL stamped, merged, suppressed, sorted.

Knows the configuration and ignore comments; reads no file but rule pages, and drops no finding
that is suppressed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from mllint import catalog
from mllint.config import Settings
from mllint.finding import Finding, Problem, Severity, Suppression
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.suppress import (
    NO_REASON,
    UNUSED,
    Ignore,
    mark_ignored,
    reasonless_problems,
    unused_problems,
)


class Evidence(NamedTuple):
    """What the rules found and where users spoke against it.

    problems: (slug, problem). ignores: every comment; told: those of which it can be told whether
    they are used, as all that could use them was checked. ran: the rules that ran, none crashing.
    """

    problems: tuple[tuple[str, Problem], ...]
    ignores: tuple[Ignore, ...]
    told: tuple[Ignore, ...]
    ran: frozenset[str]


def selected_rules(settings: Settings) -> tuple[str, ...]:
    """The rules to judge by, sorted; built-in ones among them."""
    wanted = catalog.known_slugs() if settings.select is None else sorted(set(settings.select))
    return tuple(slug for slug in wanted if slug not in settings.ignore)


def judge(evidence: Evidence, settings: Settings, cwd: Path) -> tuple[Finding, ...]:
    """Every finding, sorted; those that a comment or the configuration covers are marked."""
    findings = _merged(_stamp(slug, problem, settings) for slug, problem in evidence.problems)
    marked, used = mark_ignored(findings, evidence.ignores)
    own = [_stamp(*pair, settings) for pair in _own_problems(evidence, used, settings)]
    marked += mark_ignored(own, evidence.ignores)[0]
    patterns = Patterns(settings, cwd)
    kept = _not_outranked([patterns.mark(finding) for finding in marked])
    return tuple(sorted(kept, key=lambda finding: finding.sort_key))


def _stamp(slug: str, problem: Problem, settings: Settings) -> Finding:
    """The finding; a configured severity is that of a problem whose check did not lower it.

    A problem that is two steps below its page, as the evidence is weak, stays two steps below.
    """
    page = catalog.page(slug)
    lowered = 0 if problem.severity is None else max(page.severity - problem.severity, 0)
    highest = settings.severity.get(slug, page.severity)
    severity = Severity(max(highest - lowered, Severity.INFO))
    return Finding(slug, severity, page.url, problem)


def _not_outranked(findings: Sequence[Finding]) -> Iterator[Finding]:
    """The findings but those at whose place one that outranks them says what to do.

    sklearn   # the package is retired: nobody is to pin it
    """
    outranked: dict[tuple[str, int, int, str], Severity] = {}
    for finding in findings:
        for slug in catalog.page(finding.rule).outranks if finding.suppressed is None else ():
            key = (*_place(finding), slug)
            outranked[key] = max(finding.severity, outranked.get(key, Severity.INFO))
    for finding in findings:
        highest = outranked.get((*_place(finding), finding.rule))
        if highest is None or highest < finding.severity:
            yield finding


def _place(finding: Finding) -> tuple[str, int, int]:
    path, span = finding.problem.location
    return path, span.line, span.column


def _merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each place and message; related locations of the equal ones are united.

    Two Dockerfiles that install one requirements file both see what is wrong in it.
    """
    kept: dict[tuple[str, Location, str], Finding] = {}
    for finding in findings:
        problem = finding.problem
        key = (finding.rule, problem.location, problem.message)
        first = kept.setdefault(key, finding)
        if first is not finding:
            related = tuple(dict.fromkeys((*first.problem.related, *problem.related)))
            kept[key] = first._replace(
                severity=max(first.severity, finding.severity),
                problem=first.problem._replace(related=related),
            )
    return list(kept.values())


def _own_problems(
    evidence: Evidence, used: frozenset[tuple[Ignore, str]], settings: Settings
) -> list[tuple[str, Problem]]:
    """What is wrong with the ignore comments themselves."""
    selected = selected_rules(settings)
    found: list[tuple[str, Problem]] = []
    if UNUSED in selected:
        idle = unused_problems(evidence.told, used, evidence.ran)
        found += [(UNUSED, problem) for problem in idle]
    if settings.require_ignore_reason and NO_REASON in selected:
        found += [(NO_REASON, problem) for problem in reasonless_problems(evidence.ignores)]
    return found


class Patterns:
    """The per-file ignores of the configuration."""

    def __init__(self, settings: Settings, cwd: Path) -> None:
        self._ignores: Mapping[str, tuple[str, ...]] = settings.per_file_ignores
        self._folder = settings.folder
        self._cwd = cwd

    def mark(self, finding: Finding) -> Finding:
        """The finding, marked when a pattern matches its file."""
        if finding.suppressed is not None or not self._ignores:
            return finding
        path = self._relative(finding.problem.location.path)
        for pattern, slugs in self._ignores.items():
            if finding.rule in slugs and matches(pattern, path):
                why = Suppression("configuration", f"per-file-ignores {pattern}")
                return finding._replace(suppressed=why)
        return finding

    def idle(self, files: Iterable[str]) -> tuple[str, ...]:
        """The patterns that match none of the files."""
        paths = [self._relative(file) for file in files]
        return tuple(p for p in self._ignores if not any(matches(p, path) for path in paths))

    def _relative(self, shown: str) -> str:
        """The path from the configuration's folder, wherever mllint is started."""
        path = self._cwd / shown
        return (
            path.relative_to(self._folder) if path.is_relative_to(self._folder) else path
        ).as_posix()


def matches(pattern: str, path: str) -> bool:
    """Whether a glob covers a path: without `/` by any part of it, else the whole or a folder."""
    if "/" not in pattern.rstrip("/"):
        return any(fnmatchcase(part, pattern.rstrip("/")) for part in path.split("/"))
    pattern = pattern.removeprefix("./")
    return any(
        fnmatchcase(path, form)
        for form in (pattern, pattern.removeprefix("**/"), f"{pattern.rstrip('/')}/*")
    )
