"""Paths in, a report out: each Dockerfile parsed, its project built, every selected rule run.

A check that raises costs its own findings only. Knows no rule; the same input gives the same
report.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mllint import catalog
from mllint.config import Settings
from mllint.errors import InputError, MllintError
from mllint.facts.project import Options, Project, build_project
from mllint.finding import Failure, Finding, Problem, Report, Unchecked
from mllint.judge import Evidence, judge, selected_rules
from mllint.parse.discover import Discovered, discover
from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.files import SIZE_LIMIT_BYTES, Files, decode, project_root, show
from mllint.parse.source import Location, SourceFile, Span
from mllint.suppress import Ignore, Ignores, dockerfile_ignores, text_ignores
from mllint.tables import Tables

STDIN = "-"


class Loaded(NamedTuple):
    """A Dockerfile that could be read, and its project."""

    source: SourceFile
    project: Project
    files: Files


def run(
    paths: Sequence[str],
    cwd: Path,
    settings: Settings,
    *,
    allow_outside: bool = False,
    drafts: Mapping[str, bytes] | None = None,
) -> Report:
    """The report on everything that `paths` name; "-" is a Dockerfile on standard input.

    drafts: what to check instead of the content of a file, by its real path or "-".
    """
    return _Run(cwd, settings, allow_outside, drafts or {}).report(paths)


def load_project(
    path: str, cwd: Path, settings: Settings, *, allow_outside: bool = False
) -> Project:
    """The project of one Dockerfile; raises InputError when it cannot be read."""
    runner = _Run(cwd, settings, allow_outside)
    return runner.load(None if path == STDIN else cwd / path).project


@dataclass(slots=True)
class _Run:
    """One run, and what it has gathered so far; paths are as shown, relative to `cwd`.

    unjudged: of each Dockerfile the lines of the stages that the target does not reach.
    """

    cwd: Path
    settings: Settings
    allow_outside: bool
    drafts: Mapping[str, bytes] = field(default_factory=dict)
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    unchecked: set[Unchecked] = field(default_factory=set)
    failures: set[Failure] = field(default_factory=set)
    sources: dict[str, SourceFile] = field(default_factory=dict)
    ignores: dict[str, Ignores] = field(default_factory=dict)
    unjudged: dict[str, list[range]] = field(default_factory=dict)
    crashed: set[str] = field(default_factory=set)
    target_found: bool = False
    files: dict[Path, Files] = field(default_factory=dict)
    tables: Tables = field(default_factory=lambda: Tables(catalog.root() / "tables"))

    def report(self, paths: Sequence[str]) -> Report:
        """Check everything that `paths` name."""
        named = [path for path in paths if path != STDIN]
        found = self._discover(named)
        for error in found.failures:
            self.failures.add(Failure(error.path or "", error.line, error.message))
        stdin: list[Path | None] = [None] if STDIN in paths else []
        for path in (*stdin, *found.dockerfiles):
            self._try_check(path)
        self._check_users_of(found.others)
        self._require_target()
        whole = all((self.cwd / path).is_dir() for path in named)
        findings = judge(self._evidence(whole), self.settings, self.cwd)
        comments = (failure for each in self.ignores.values() for failure in each.failures)
        return Report(
            tuple(sorted(self.ignores)),
            findings,
            tuple(sorted(self.unchecked)),
            tuple(sorted({*self.failures, *comments}, key=_failure_order)),
            self._shown_sources(findings),
            frozenset(self.unjudged),
        )

    def _discover(self, paths: Sequence[str]) -> Discovered:
        exclude = self.settings.exclude
        return discover(paths, self.cwd, exclude, allow_outside=self.allow_outside)

    def load(self, path: Path | None) -> Loaded:
        """Read and parse one Dockerfile, standard input for None, and build its project."""
        place = self.cwd / STDIN if path is None else path
        folder = project_root(place, self.cwd)
        files = self.files.setdefault(
            folder, Files(folder, self.cwd, self.allow_outside, self.drafts)
        )
        source = self._standard_input() if path is None else files.read(place)
        settings = self.settings
        options = Options(
            settings.build_args,
            settings.target.stage,
            self.cwd if path is None and settings.context is None else settings.context,
            settings.target.platform,
        )
        dockerfile = parse_dockerfile(source)
        project = build_project(dockerfile, place, files, options, self.tables)
        return Loaded(source, project, files)

    def _standard_input(self) -> SourceFile:
        data = self.drafts.get(STDIN)
        return decode(STDIN, read_standard_input() if data is None else data)

    def _try_check(self, path: Path | None) -> None:
        """Check one Dockerfile; what goes wrong is a failure and does not cost the others."""
        shown = STDIN if path is None else show(path, self.cwd)
        try:
            self._check(self.load(path))
        except MllintError as error:
            self.failures.add(Failure(error.path or shown, error.line, error.message))
        except Exception as error:  # whatever it is, the other files' findings are worth having
            self.failures.add(Failure(shown, None, _bug("reading this file failed", error)))

    def _check(self, loaded: Loaded) -> None:
        """Run every selected rule on one project and keep what it says."""
        project, source = loaded.project, loaded.source
        self.sources[source.path] = source
        self.unchecked.update(project.unchecked)
        if project.target is not None:
            self.target_found = True
        elif project.stages:
            reason = f"no stage is named {self.settings.target.stage!r}, so none was judged"
            self.unchecked.add(Unchecked(project.stages[0].location, reason))
        self.failures.update(project.failures)
        self.unjudged[source.path] = list(_unjudged_lines(project))
        self.ignores[source.path] = dockerfile_ignores(source, project.dockerfile, _unknown)
        for path in project.read_files:
            if path not in self.sources:
                self.sources[path] = loaded.files.read(loaded.files.absolute(path))
                self.ignores[path] = text_ignores(self.sources[path], _unknown)
        for slug in selected_rules(self.settings):
            if slug in catalog.slugs():
                self._run_rule(slug, project)

    def _require_target(self) -> None:
        """Fail when not one Dockerfile has the stage that is to be built."""
        name = self.settings.target.stage
        if name is not None and self.unjudged and not self.target_found:
            self.failures.add(Failure("--target", None, f"no stage is named {name!r}"))

    def _run_rule(self, slug: str, project: Project) -> None:
        try:
            for problem in catalog.load_check(slug)(project, self.tables):
                self.problems.append((slug, problem))
        except Exception as error:  # whatever a check raises, the others go on
            self.crashed.add(slug)
            self.failures.add(Failure(project.path, None, _bug(f"rule {slug} failed", error)))

    def _check_users_of(self, paths: Sequence[Path]) -> None:
        """Check the Dockerfiles that read one of these files: requirements, compose files."""
        waiting = [path for path in paths if show(path, self.cwd) not in self.ignores]
        for folder in sorted({project_root(path, self.cwd) for path in waiting}):
            for dockerfile in self._discover([str(folder)]).dockerfiles:
                if show(dockerfile, self.cwd) in self.ignores:
                    continue
                try:
                    loaded = self.load(dockerfile)
                except Exception:
                    # It was not asked for, so what is wrong with it is not said here.
                    continue
                wanted = {show(path, self.cwd) for path in waiting}
                if not wanted.isdisjoint(loaded.project.read_files):
                    self._check(loaded)
        for path in waiting:
            shown = show(path, self.cwd)
            if shown not in self.ignores:
                place = Location(shown, Span(1, 1, 1, 1))
                self.unchecked.add(Unchecked(place, "no Dockerfile of the project reads this file"))

    def _evidence(self, whole: bool) -> Evidence:
        """What was gathered; `whole` when only folders were given, so that no user is missed."""
        ran = frozenset(selected_rules(self.settings)) - self.crashed
        ignores = tuple(ignore for each in self.ignores.values() for ignore in each.valid)
        told = tuple(ignore for ignore in ignores if self._is_told(ignore, whole))
        return Evidence(tuple(self.problems), ignores, told, ran)

    def _is_told(self, ignore: Ignore, whole: bool) -> bool:
        """Whether all was checked that could make use of the comment."""
        stages = self.unjudged.get(ignore.location.path)
        if stages is None:
            return whole
        return not any(ignore.lines.start in lines for lines in stages)

    def _shown_sources(self, findings: Iterable[Finding]) -> dict[str, str]:
        """The texts of the files that the findings point into."""
        problems = [finding.problem for finding in findings]
        paths = {problem.location.path for problem in problems}
        paths |= {related.location.path for problem in problems for related in problem.related}
        for path in paths - self.sources.keys():
            for files in self.files.values():
                if files.inside(files.absolute(path)):
                    with suppress(InputError):
                        self.sources[path] = files.read(files.absolute(path))
        return {path: self.sources[path].text for path in sorted(paths & self.sources.keys())}


def _unjudged_lines(project: Project) -> Iterator[range]:
    """The lines of the stages that the target does not reach."""
    judged = {stage.index for stage in project.judged}
    starts = [stage.location.span.line for stage in project.stages]
    for stage, end in zip(project.stages, [*starts, sys.maxsize][1:], strict=True):
        if stage.index not in judged:
            yield range(stage.location.span.line, end)


def read_standard_input() -> bytes:
    """What stands on standard input, up to one byte more than the limit."""
    return sys.stdin.buffer.read(SIZE_LIMIT_BYTES + 1)


def _unknown(slug: str) -> str | None:
    return None if slug in catalog.known_slugs() else catalog.unknown_rule(slug)


def _bug(what: str, error: Exception) -> str:
    return f"{what}, which is a bug in mllint: {type(error).__name__}: {error}"[:500]


def _failure_order(failure: Failure) -> tuple[str, int, str]:
    return failure.path, failure.line or 0, failure.message
