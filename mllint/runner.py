"""Paths in, a report out: each Dockerfile parsed, its project built, every selected rule run.

A check that raises costs its own findings only. Knows no rule; the same input gives the same
report.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mllint import catalog
from mllint.config import Settings
from mllint.errors import MllintError, explained
from mllint.facts.project import Project
from mllint.facts.secrets.redaction import secrets_of
from mllint.finding import Failure, Problem, Report, Unchecked
from mllint.judge import Evidence, judge, selected_rules
from mllint.loader import STDIN, Loaded, Loader, unjudged_lines
from mllint.parse.discover import Discovered, discover, excluder
from mllint.parse.files import Files, project_root, show
from mllint.parse.source import Location, SourceFile, Span
from mllint.quoted import shown_sources
from mllint.redact import given_secrets
from mllint.suppress import Ignore, Ignores, dockerfile_ignores, text_ignores
from mllint.tables import Tables

if TYPE_CHECKING:
    from mllint.composes import Asked

_Judged = TypeVar("_Judged")
Resolver = Callable[[Project], Project]


def run(
    paths: Sequence[str],
    cwd: Path,
    settings: Settings,
    *,
    allow_outside: bool = False,
    drafts: Mapping[str, bytes] | None = None,
    resolver: Resolver | None = None,
) -> Report:
    """The report on everything that `paths` name; "-" is a Dockerfile on standard input.

    drafts: what to check instead of the content of a file, by its real path or "-".
    resolver: adds to a project what the indexes answer; None to ask none.
    """
    return _Run(cwd, settings, allow_outside, drafts or {}, resolver).report(paths)


@dataclass(slots=True, eq=False, repr=False)
class _Run:
    """One run, and what it has gathered so far; paths are as shown, relative to `cwd`.

    unjudged: of each Dockerfile, and each way to build it, the lines of the stages that the target
    does not reach. projects: by the key of who builds them.
    """

    cwd: Path
    settings: Settings
    allow_outside: bool
    drafts: Mapping[str, bytes] = field(default_factory=dict)
    resolver: Resolver | None = None
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
        self.loader = Loader(self.cwd, self.settings, self.allow_outside, self.drafts)

    def report(self, paths: Sequence[str]) -> Report:
        """Check everything that `paths` name."""
        named = [path for path in paths if path != STDIN]
        found = self._discover(named)
        for error in found.failures:
            self.failures.add(Failure(error.path or "", error.line, error.message))
        stdin: list[Path | None] = [None] if STDIN in paths else []
        asked = self._ask(found)
        dockerfiles = found.dockerfiles if asked is None else asked.with_found(found.dockerfiles)
        for path in (*stdin, *dockerfiles):
            shown = STDIN if path is None else show(path, self.cwd)
            self._try(shown, partial(self.loader.load, path), self._check)
        if asked is not None:
            self._check_composes(asked)
        self._check_users_of(found.others)
        self._require_target()
        whole = all((self.cwd / path).is_dir() for path in named)
        findings = judge(self._evidence(whole), self.settings, self.cwd)
        comments = (failure for each in self.ignores.values() for failure in each.failures)
        return Report(
            tuple(sorted(self.ignores)),
            findings,
            tuple(sorted(self.unchecked | self.loader.unchecked)),
            tuple(sorted({*self.failures, *comments}, key=attrgetter("sort_key"))),
            shown_sources(findings, self.sources, self.loader.files.values()),
            frozenset(self.unjudged),
            secrets=(
                *given_secrets(self.settings.build_args),
                *secrets_of(self.sources.values()),
            ),
        )

    def _discover(self, paths: Sequence[str]) -> Discovered:
        return discover(paths, self.cwd, self.settings.exclude, allow_outside=self.allow_outside)

    def _ask(self, found: Discovered) -> "Asked | None":
        """What the compose and bake files come to; None when there are none."""
        if not (found.composes or found.bakes):
            return None
        from mllint.composes import ask

        excluded = excluder(self.cwd, self.settings.exclude)
        return ask((*found.composes, *found.bakes), self.loader, excluded)

    def _try(
        self, shown: str, load: Callable[[], Iterable[Loaded]], check: Callable[[Loaded], None]
    ) -> None:
        """Check what one file gives; what goes wrong is a failure and does not cost the others."""
        try:
            for loaded in load():
                check(loaded)
        except MllintError as error:
            self.failures.add(Failure(error.path or shown, error.line, error.message))
        except Exception as error:  # whatever it is, the other files' findings are worth having
            self._note_crash(shown, error)

    def _note_crash(self, shown: str, error: Exception) -> None:
        self.failures.add(Failure(shown, None, explained("reading this file failed", error)))

    def _check(self, loaded: Loaded) -> None:
        """Note what one project was made of, and judge it."""
        project, source = loaded.project, loaded.source
        self.sources[source.path] = source
        self.unjudged.setdefault(source.path, []).append(list(unjudged_lines(project)))
        self.ignores[source.path] = dockerfile_ignores(source, project.dockerfile, _unknown)
        self._judge(loaded)

    def _judge(self, loaded: Loaded) -> None:
        """Note who builds one project and what it reads, and run every rule on it."""
        project = loaded.project
        if self.resolver is not None:
            try:
                project = self.resolver(project)
            except MllintError as error:  # what needs no index is said all the same
                self.failures.add(Failure(error.path or project.path, error.line, error.message))
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
        told = loaded.told
        if told is not None and project.answers is not None:
            told = f"{told} {project.answers.told}"
        self._run_rules(catalog.load_check, project, project.path, told)
        if project.answers is not None:
            self._run_rules(catalog.load_resolved_check, project, project.path)

    def _check_composes(self, asked: "Asked") -> None:
        """Judge each compose model, and the Dockerfiles that stand in one."""
        from mllint.facts.compose.project import compose_project

        self.failures.update(asked.failures)
        self.unchecked.update(asked.unchecked)
        for path, files in asked.read:
            self._note_text(path, files)
            self.judged_composes.add(path)
        for builder, files in asked.inline:
            load = partial(self.loader.load_inline, builder, files)
            self._try(builder.location.path, load, self._judge)
        for model in asked.models:
            project = compose_project(model.compose, self.projects, model.gpu_services)
            self._run_rules(catalog.load_compose_check, project, model.compose.path)

    def _note_text(self, path: str, files: Files) -> None:
        """Keep the text of a file that is no Dockerfile, and its ignore comments."""
        if path not in self.sources:
            self.sources[path] = files.read(files.absolute(path))
            self.ignores[path] = text_ignores(self.sources[path], _unknown)

    def _require_target(self) -> None:
        """Fail when not one Dockerfile has the stage that is to be built."""
        name = self.settings.target.stage
        required = self.settings.target.stage_required
        if name is not None and required and self.unjudged and not self.target_found:
            self.failures.add(Failure("", None, f"--target: no stage is named {name!r}"))

    def _run_rules(
        self,
        load: Callable[[str], Callable[[_Judged, Tables], Iterator[Problem]] | None],
        project: _Judged,
        path: str,
        told: str | None = None,
    ) -> None:
        """Keep what every selected rule says; `load` gives the check of one, None for none.

        told: what the project is read from; rules none of whose words is in it are passed over.
        """
        for slug in selected_rules(self.settings):
            if slug not in catalog.slugs() or (told is not None and catalog.is_idle(slug, told)):
                continue
            check = load(slug)
            try:
                for problem in check(project, self.loader.tables) if check is not None else ():
                    self.problems.append((slug, problem))
            except Exception as error:  # whatever a check raises, the others go on
                self.crashed.add(slug)
                self.failures.add(Failure(path, None, explained(f"rule {slug} failed", error)))

    def _check_users_of(self, paths: Sequence[Path]) -> None:
        """Check the Dockerfiles that read one of these files: requirements and the like."""
        waiting = [path for path in paths if show(path, self.cwd) not in self.ignores]
        for folder in sorted({project_root(path, self.cwd) for path in waiting}):
            for dockerfile in self._discover([str(folder)]).dockerfiles:
                if show(dockerfile, self.cwd) in self.ignores:
                    continue
                try:
                    projects = self.loader.load(dockerfile)
                except MllintError:
                    # It was not asked for, so what is wrong with it is not said here.
                    continue
                except Exception as error:  # unlike a crash, which may hide who reads the file
                    self._note_crash(show(dockerfile, self.cwd), error)
                    continue
                wanted = {show(path, self.cwd) for path in waiting}
                if any(not wanted.isdisjoint(each.project.read_files) for each in projects):
                    self._try(show(dockerfile, self.cwd), partial(tuple, projects), self._check)
        for shown in (show(path, self.cwd) for path in waiting):
            if shown not in self.ignores:
                place = Location(shown, Span(1, 1, 1, 1))
                self.unchecked.add(Unchecked(place, "no Dockerfile of the project reads this file"))

    def _evidence(self, whole: bool) -> Evidence:
        """What was gathered; `whole` when only folders were given, so that no user is missed."""
        ran = frozenset(selected_rules(self.settings)).intersection(catalog.slugs()) - self.crashed
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


def _unknown(slug: str) -> str | None:
    from mllint.rule_names import unknown_rule

    return None if slug in catalog.known_slugs() else unknown_rule(slug)
