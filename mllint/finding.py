"""What a check says (`Problem`), a user sees (`Finding`), and a whole run yields (`Report`)."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType

from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location, Span


class Severity(IntEnum):
    """How bad a finding is: an error names the command that fails and its message."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        """The name as users write it: info, warning, error."""
        return self.name.lower()


class Related(NamedTuple):
    """The other fact of a disagreement, and where it stands."""

    location: Location
    message: str


class Edit(NamedTuple):
    """Replace the text of `location` by `text`; an empty span inserts."""

    location: Location
    text: str


class Fix(NamedTuple):
    """Edits that remove the problem; `safe` when they cannot change what a good image holds."""

    description: str
    edits: tuple[Edit, ...]
    safe: bool


class Problem(NamedTuple):
    """What a check found: the two facts that disagree, where, and what to type.

    `severity` may lower the severity of the rule's page when the evidence is weaker, never raise
    it. `stage` names the stage (its name, or its 0-based number as text) for baselines. `hidden`:
    text of the file that no output may print, a credential.
    """

    location: Location
    message: str
    help: str
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None
    stage: str | None = None
    hidden: tuple[Location, ...] = ()


class Suppression(NamedTuple):
    """Why a finding is not shown: `kind` is "comment", "configuration" or "baseline"."""

    kind: str
    reason: str | None = None
    location: Location | None = None


class Finding(NamedTuple):
    """A problem with its rule, final severity and documentation URL."""

    rule: str
    severity: Severity
    url: str
    problem: Problem
    suppressed: Suppression | None = None

    @property
    def sort_key(self) -> tuple[str, Span, str, str]:
        """Order of every output: file, place, rule, message."""
        return (
            self.problem.location.path,
            self.problem.location.span,
            self.rule,
            self.problem.message,
        )


class Unchecked(NamedTuple):
    """Something that was not judged, and why."""

    location: Location
    reason: str


class Failure(NamedTuple):
    """A file that could not be read, or a check that crashed; ends in exit code 2.

    path: "" when it is about an option.
    """

    path: str
    line: int | None
    message: str

    @property
    def sort_key(self) -> tuple[str, int, str]:
        """Order of every output: file, line, message."""
        return self.path, self.line or 0, self.message


class Report(NamedTuple):
    """All that one run found, sorted; `sources` maps each path to its text for the excerpts.

    dockerfiles: those of `files` that are one. below: findings below the level that the user asked
    for, which are not among `findings`. fixed: the findings that are gone because their fix was
    applied; None when no fix was asked for. secrets: credentials that stand in the files read.
    warnings: what is worth mending, and has no line of a file.
    """

    files: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    failures: tuple[Failure, ...] = ()
    sources: Mapping[str, str] = MappingProxyType({})
    dockerfiles: frozenset[str] = frozenset()
    fixed: tuple[Finding, ...] | None = None
    secrets: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    below: tuple[Finding, ...] = ()

    def above(self, level: Severity) -> "Report":
        """The report whose findings below the level are put aside."""
        if level is Severity.INFO:
            return self
        shown = tuple(finding for finding in self.findings if finding.severity >= level)
        below = tuple(finding for finding in self.findings if finding.severity < level)
        return self._replace(findings=shown, below=below)

    @property
    def hidden(self) -> Mapping[str, Sequence[Span]]:
        """What no output may print of each file, by its path, whichever finding says so."""
        spans: dict[str, list[Span]] = {}
        for finding in (*self.findings, *self.below):
            for path, span in finding.problem.hidden:
                spans.setdefault(path, []).append(span)
        return spans
