"""Paths in, a report out: each Dockerfile parsed, its project built, every selected rule run.

A check that raises costs its own findings only. Knows no rule; the same input gives the same
report.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from mllint import catalog
from mllint.composes import Asked, AskedModel, ask, with_linked
from mllint.config import Settings
from mllint.errors import InputError, MllintError, bug
from mllint.facts.project import Project
from mllint.finding import Failure, Finding, Problem, Report, Unchecked
from mllint.judge import Evidence, judge, selected_rules
from mllint.loader import STDIN, Loaded, Loader, unjudged_lines
from mllint.parse.discover import Discovered, discover, excluder
from mllint.parse.files import Files, project_root, show
from mllint.parse.source import Location, SourceFile, Span
from mllint.suppress import Ignore, Ignores, dockerfile_ignores, text_ignores

if TYPE_CHECKING:
    from mllint.facts.compose.model import Builder


def run(
    paths: Sequence[str], cwd: Path, settings: Settings, *, allow_outside: bool = False
) -> Report:
    """The report on everything that `paths` name; "-" is a Dockerfile on standard input."""
    return _Run(cwd, settings, allow_outside).report(paths)


def load_project(
    path: str, cwd: Path, settings: Settings, *, allow_outside: bool = False
) -> Project:
    """The project of one Dockerfile; raises InputError when it cannot be read.

    Of a Dockerfile that is built in several ways, the first.
    """
    loader = Loader(cwd, settings, allow_outside)
    return loader.load(None if path == STDIN else loader.absolute(path))[0].project


@dataclass(slots=True)
class _Run:
    """One run, and what it has gathered so far; paths are as shown, relative to `cwd`.

    unjudged: of each Dockerfile, and each way to build it, the lines of the stages that the target
    does not reach. projects: by who builds them.
    """

    cwd: Path
    settings: Settings
    allow_outside: bool
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    unchecked: set[Unchecked] = field(default_factory=set)
    failures: set[Failure] = field(default_factory=set)
    sources: dict[str, SourceFile] = field(default_factory=dict)
    ignores: dict[str, Ignores] = field(default_factory=dict)
    unjudged: dict[str, list[list[range]]] = field(default_factory=dict)
    projects: dict[tuple[object, ...], Project] = field(default_factory=dict)
    judged_composes: set[str] = field(default_factory=set)
    crashed: set[str] = field(default_factory=set)
    target_found: bool = False
    loader: Loader = field(init=False)

    def __post_init__(self) -> None:
        self.loader = Loader(self.cwd, self.settings, self.allow_outside)

    def report(self, paths: Sequence[str]) -> Report:
        """Check everything that `paths` name."""
        named = [path for path in paths if path != STDIN]
        found = self._discover(named)
        for error in found.failures:
            self.failures.add(Failure(error.path or "", error.line, error.message))
        stdin: list[Path | None] = [None] if STDIN in paths else []
        asked = ask((*found.composes, *found.bakes), self.loader)
        excluded = excluder(self.cwd, self.settings.exclude)
        linked = (path for path in asked.dockerfiles if not excluded(path))
        for path in (*stdin, *with_linked(found.dockerfiles, linked)):
            shown = STDIN if path is None else show(path, self.cwd)
            self._try(shown, partial(self._check_path, path))
        self._check_composes(asked)
        self._check_users_of(found.others)
        self._require_target()
        whole = all((self.cwd / path).is_dir() for path in named)
        findings = judge(self._evidence(whole), self.settings, self.cwd)
        comments = (failure for each in self.ignores.values() for failure in each.failures)
        return Report(
            tuple(sorted(self.ignores)),
            findings,
            tuple(sorted(self.unchecked)),
            tuple(sorted({*self.failures, *comments}, key=attrgetter("sort_key"))),
            self._shown_sources(findings),
        )

    def _discover(self, paths: Sequence[str]) -> Discovered:
        exclude = self.settings.exclude
        return discover(paths, self.cwd, exclude, allow_outside=self.allow_outside)

    def _try(self, shown: str, check: Callable[[], None]) -> None:
        """Check one file; what goes wrong is a failure and does not cost the others."""
        try:
            check()
        except MllintError as error:
            self.failures.add(Failure(error.path or shown, error.line, error.message))
        except Exception as error:  # whatever it is, the other files' findings are worth having
            self.failures.add(Failure(shown, None, bug("reading this file failed", error)))

    def _check_path(self, path: Path | None) -> None:
        """Check one Dockerfile, standard input for None."""
        for loaded in self.loader.load(path):
            self._check(loaded)

    def _check_inline(self, builder: "Builder", files: Files) -> None:
        """Judge a Dockerfile that stands in a compose file."""
        loaded = self.loader.load_inline(builder, files)
        if loaded is not None:
            self._judge(loaded)

    def _check(self, loaded: Loaded) -> None:
        """Note what one project was made of, and judge it."""
        project, source = loaded.project, loaded.source
        self.sources[source.path] = source
        self.unjudged.setdefault(source.path, []).append(list(unjudged_lines(project)))
        self.ignores[source.path] = dockerfile_ignores(source, project.dockerfile, _unknown)
        self._judge(loaded)

    def _judge(self, loaded: Loaded) -> None:
        """Run every selected rule on one project and keep what it says."""
        project = loaded.project
        self.unchecked.update(project.unchecked)
        if project.target is not None:
            self.target_found = True
        elif project.stages:
            reason = f"no stage is named {project.options.target!r}, so none was judged"
            self.unchecked.add(Unchecked(project.stages[0].location, reason))
        self.failures.update(project.failures)
        for builder in project.builders:
            self.projects[builder.key] = project
        for path in project.read_files:
            self._note_text(path, loaded.files)
        for slug in selected_rules(self.settings):
            check = catalog.load_check(slug) if slug in catalog.slugs() else None
            if check is not None:
                self._run_rule(slug, project.path, partial(check, project, self.loader.tables))

    def _check_composes(self, asked: Asked) -> None:
        """Judge each compose model, and the Dockerfiles that stand in one."""
        self.failures.update(asked.failures)
        self.unchecked.update(asked.unchecked)
        for path, files in asked.read:
            self._note_text(path, files)
            self.judged_composes.add(path)
        for builder, files in asked.inline:
            self._try(builder.location.path, partial(self._check_inline, builder, files))
        for model in asked.models:
            self._check_compose(model)

    def _check_compose(self, model: AskedModel) -> None:
        from mllint.facts.compose.project import compose_project

        projects = {
            service.name: self.projects[key]
            for service in model.compose.services
            if (key := service.key) in self.projects
        }
        project = compose_project(model.compose, projects, model.gpu_services)
        for slug in selected_rules(self.settings):
            check = catalog.load_compose_check(slug) if slug in catalog.slugs() else None
            if check is not None:
                judge_it = partial(check, project, self.loader.tables)
                self._run_rule(slug, model.compose.path, judge_it)

    def _note_text(self, path: str, files: Files) -> None:
        """Keep the text of a file that is no Dockerfile, and its ignore comments."""
        if path not in self.sources:
            self.sources[path] = files.read(files.absolute(path))
            self.ignores[path] = text_ignores(self.sources[path], _unknown)

    def _require_target(self) -> None:
        """Fail when not one Dockerfile has the stage that is to be built."""
        name = self.settings.target.stage
        if name is not None and self.unjudged and not self.target_found:
            self.failures.add(Failure("--target", None, f"no stage is named {name!r}"))

    def _run_rule(self, slug: str, path: str, check: Callable[[], Iterator[Problem]]) -> None:
        try:
            for problem in check():
                self.problems.append((slug, problem))
        except Exception as error:  # whatever a check raises, the others go on
            self.crashed.add(slug)
            self.failures.add(Failure(path, None, bug(f"rule {slug} failed", error)))

    def _check_users_of(self, paths: Sequence[Path]) -> None:
        """Check the Dockerfiles that read one of these files: requirements and the like."""
        waiting = [path for path in paths if show(path, self.cwd) not in self.ignores]
        for folder in sorted({project_root(path, self.cwd) for path in waiting}):
            for dockerfile in self._discover([str(folder)]).dockerfiles:
                if show(dockerfile, self.cwd) in self.ignores:
                    continue
                try:
                    projects = self.loader.load(dockerfile)
                except Exception:
                    # It was not asked for, so what is wrong with it is not said here.
                    continue
                wanted = {show(path, self.cwd) for path in waiting}
                if any(not wanted.isdisjoint(each.project.read_files) for each in projects):
                    for loaded in projects:
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
        path, line = ignore.location.path, ignore.lines.start
        builds = self.unjudged.get(path)
        if builds is None:
            return whole or path in self.judged_composes
        return any(not any(line in lines for lines in build) for build in builds)

    def _shown_sources(self, findings: Iterable[Finding]) -> dict[str, str]:
        """The texts of the files that the findings point into."""
        problems = [finding.problem for finding in findings]
        paths = {problem.location.path for problem in problems}
        paths |= {related.location.path for problem in problems for related in problem.related}
        for path in paths - self.sources.keys():
            for files in self.loader.files.values():
                if files.inside(files.absolute(path)):
                    with suppress(InputError):
                        self.sources[path] = files.read(files.absolute(path))
        return {path: self.sources[path].text for path in sorted(paths & self.sources.keys())}


def _unknown(slug: str) -> str | None:
    return None if slug in catalog.known_slugs() else catalog.unknown_rule(slug)
