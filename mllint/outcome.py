"""Paths, settings and options of `mllint check` in; its report, output and exit code out.

Checks, and does what else was asked for: fixes, ignore comments, a baseline. Prints nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mllint.command import exit_code, refuse_without_resolve, render
from mllint.config import Settings
from mllint.errors import ConfigError
from mllint.finding import Failure, Report
from mllint.loader import STDIN
from mllint.named_tuple import NamedTuple
from mllint.redact import redacted_failures, redacted_report, redacted_sources, redactor
from mllint.runner import run

if TYPE_CHECKING:
    from collections import Counter

    from mllint.baseline import Baseline, Entry
    from mllint.runner import Resolver

_CHANGING = ("fix", "diff", "add_ignores")


class Outcome(NamedTuple):
    """What one run came to. output: for standard output or a file; notes: for standard error."""

    report: Report
    code: int
    output: str | bytes
    notes: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The failures of the report, for standard error: without credentials."""
        return redacted_failures(self.report.failures, redactor(self.report.secrets))


@dataclass(slots=True, eq=False, repr=False)
class Checker:
    """Checks what the user named, as often as it takes; known findings come out marked.

    Those below the level that the user asked for come out hidden: they are not fixed either.
    """

    paths: Sequence[str]
    cwd: Path
    settings: Settings
    allow_outside: bool = False
    baseline: "Baseline | None" = None
    left: "Counter[Entry] | None" = None
    resolver: "Resolver | None" = None

    def __call__(self, drafts: Mapping[str, bytes] | None = None) -> Report:
        """The report; drafts: what to check instead of the content of a file, by real path."""
        outside = self.allow_outside
        report = run(
            self.paths,
            self.cwd,
            self.settings,
            allow_outside=outside,
            drafts=drafts,
            resolver=self.resolver,
        )
        if self.baseline is not None:
            report, self.left = self.baseline.mark(report, redacted_sources(report), self.cwd)
        return report.above(self.settings.min_level)

    @property
    def is_whole(self) -> bool:
        """Whether whole folders are checked, so that what is in no file is nowhere."""
        return all(path != STDIN and (self.cwd / path).is_dir() for path in self.paths)

    def idle_patterns(self, report: Report) -> tuple[str, ...]:
        """What is to be told of per-file ignores that are about none of the files."""
        if not self.settings.per_file_ignores or not self.is_whole:
            return ()
        from mllint.judge import Patterns

        idle = Patterns(self.settings, self.cwd).idle(report.files)
        where = self.settings.path
        return tuple(f"{where}: per-file-ignores {each!r} matches no checked file" for each in idle)

    def stale(self, report: Report) -> int:
        """How many known findings are gone for good, as far as this run can tell."""
        if self.baseline is None or not self.left or not self.is_whole or report.failures:
            return 0
        from mllint.judge import selected_rules

        return self.baseline.stale(self.left, report, selected_rules(self.settings), self.cwd)


def outcome(
    paths: Sequence[str], cwd: Path, settings: Settings, options: Mapping[str, Any]
) -> Outcome:
    """Check `paths` and do what the options ask for besides."""
    _require_sense(settings, options)
    checker = Checker(paths, cwd, settings, options["allow_outside"])
    if options["resolve"]:
        from mllint.resolve.session import Session

        checker.resolver = Session(options).resolve
    if settings.baseline is not None and not options["write_baseline"]:
        from mllint.baseline import load

        checker.baseline = load(settings.baseline, cwd)
    if any(options[name] for name in _CHANGING):
        from mllint.changing import change

        done = change(checker, options)
    elif options["write_baseline"]:
        done = _written_baseline(checker, options)
    else:
        report = checker()
        code = exit_code(report, settings.fail_level)
        done = Outcome(report, code, render(redacted_report(report), code, options))
    stale = 0 if options["target"] else checker.stale(done.report)
    if stale and checker.baseline is not None and not options["quiet"]:
        gone = "1 known finding is gone" if stale == 1 else f"{stale} known findings are gone"
        path = checker.baseline.path
        done = done._replace(
            notes=(*done.notes, f"{path}: {gone}; --write-baseline {path} forgets what is gone")
        )
    if options["verbose"]:
        done = done._replace(notes=(*done.notes, *checker.idle_patterns(done.report)))
    return done


def _require_sense(settings: Settings, options: Mapping[str, Any]) -> None:
    """Raise ConfigError for options that do not go together."""
    refuse_without_resolve(options)
    fixing = options["fix"] or options["diff"]
    if options["unsafe_fixes"] and not fixing:
        raise ConfigError("--unsafe-fixes goes with --fix or --diff")
    if options["add_ignores"] and (options["fix"] or options["unsafe_fixes"]):
        raise ConfigError("--add-ignores does not go with --fix: do one after the other")
    if options["add_ignores"] and settings.fail_level is None:
        raise ConfigError("--add-ignores ignores what fails the run; at level none nothing does")
    if options["write_baseline"] and (fixing or options["add_ignores"]):
        raise ConfigError("--write-baseline stands alone: do one after the other")


def _written_baseline(checker: Checker, options: Mapping[str, Any]) -> Outcome:
    """Write every finding down; the report is then what the next run will say."""
    from mllint import baseline
    from mllint.parse.rewrite import replace_file

    report, cwd = checker(), checker.cwd
    path = (cwd / options["write_baseline"]).resolve()
    sources = redacted_sources(report)
    text = baseline.render(report, sources, path.parent, cwd)
    replace_file(str(path), options["write_baseline"], text.encode())
    known = baseline.load(path, cwd)
    marked, _ = known.mark(report, sources, cwd)
    code = exit_code(marked, checker.settings.fail_level)
    number = known.counts.total()
    note = f"{options['write_baseline']}: holds {number} finding{'' if number == 1 else 's'} now"
    return Outcome(marked, code, render(redacted_report(marked), code, options), (note,))
