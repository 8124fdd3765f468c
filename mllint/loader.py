"""Paths in, what is to be judged out: Dockerfiles with their projects, and compose models.

A Dockerfile has one project for each way in which compose and bake files, or plain `docker build`,
build it; the options of the user win over all of them. Knows no rule and reports nothing.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mllint import catalog
from mllint.config import Settings
from mllint.errors import InputError, MllintError, explained
from mllint.facts.project import Options, Project, build_project
from mllint.facts.unknown import Unknown
from mllint.finding import Unchecked
from mllint.named_tuple import NamedTuple
from mllint.parse.compose.names import is_bake_name, is_compose_name
from mllint.parse.discover import require_dockerfile
from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.files import Files, decode, project_root, read_standard_input
from mllint.parse.source import Location, SourceFile, Span
from mllint.tables import Tables

if TYPE_CHECKING:
    from mllint.facts.compose.folder import ComposeFolder
    from mllint.facts.compose.model import Builder

STDIN = "-"
_BUILD_LIMIT = 20
"""Distinct builds of one Dockerfile that are judged."""


class Loaded(NamedTuple):
    """A Dockerfile that could be read, and its project in one of the ways to build it."""

    source: SourceFile
    project: Project
    files: Files

    @property
    def told(self) -> str | None:
        """What its facts come from, in lower case; None where compose or bake files tell, too.

        Lines that are continued are one, and blanks are single spaces. What quotes, a comment or a
        variable take apart (`con"da"`, `${X}da`) stays apart: nobody writes so, and a rule that is
        passed over for it claims nothing.
        """
        project, files = self.project, self.files
        if project.builders or project.other_builders:
            return None
        read = (files.read(files.absolute(path)).text for path in project.read_files)
        told = "\n".join((self.source.text, str(project.options), *read)).lower()
        joined = told.replace("\r\n", "\n").replace(f"{project.dockerfile.escape}\n", "")
        return " ".join(joined.split())


@dataclass(slots=True, eq=False, repr=False)
class Loader:
    """Reads for one run; what is read once is kept.

    drafts: what to take instead of the content of a file, by its real path or "-". unchecked: what
    is not loaded although it was asked for.
    """

    cwd: Path
    settings: Settings
    allow_outside: bool
    drafts: Mapping[str, bytes] = field(default_factory=dict)
    tables: Tables = field(default_factory=lambda: Tables(catalog.root() / "tables"))
    files: dict[Path, Files] = field(default_factory=dict)
    unchecked: set[Unchecked] = field(default_factory=set)
    _folders: dict[Path, "ComposeFolder | None"] = field(default_factory=dict)
    _builders: dict[str, dict["Builder", None]] = field(default_factory=dict)

    def absolute(self, path: str) -> Path:
        """The path that a user names, from the working folder; `..` taken out."""
        return Path(os.path.normpath(self.cwd / path))

    def files_of(self, place: Path) -> Files:
        """The gate to the files of the project that `place` belongs to."""
        root = project_root(place, self.cwd)
        known = self.files.get(root)
        if known is None:
            known = self.files[root] = Files(root, self.cwd, self.allow_outside, self.drafts)
        return known

    def load(self, path: Path | None) -> tuple[Loaded, ...]:
        """One Dockerfile, standard input for None, once for each way in which it is built.

        Raises InputError when it cannot be read.
        """
        place = self.cwd / STDIN if path is None else path
        files = self.files_of(place)
        source = self._standard_input() if path is None else files.read(place)
        builders = () if path is None else self._builders_of(place, files)
        return tuple(self._projects(source, place, files, builders, path is None))

    def _standard_input(self) -> SourceFile:
        data = self.drafts.get(STDIN)
        return decode(STDIN, read_standard_input() if data is None else data)

    def load_inline(self, builder: "Builder", files: Files) -> tuple[Loaded, ...]:
        """The Dockerfile that a compose file holds; () when its text depends on the shell."""
        from mllint.facts.compose.inline import inline_dockerfile

        inline = builder.build.inline
        path = files.absolute(builder.location.path if inline is None else inline[0].path)
        source = inline_dockerfile(builder.build, files.read(path))
        if source is None:
            return ()
        return tuple(self._projects(source, path, files, (builder,), False))

    def compose_folder(self, folder: Path, files: Files) -> "ComposeFolder | None":
        """The models and bake targets of the files in `folder`; None when there are none."""
        if folder in self._folders:
            return self._folders[folder]
        found: ComposeFolder | None = None
        self._folders[folder] = None
        if any(is_compose_name(n) or is_bake_name(n) for n in files.children(folder)):
            # Most projects have none: YAML and what reads it are imported only now.
            from mllint.facts.compose.folder import read_folder

            found = read_folder(folder, files)
            for builder in found.builders:
                if builder.build.dockerfile is not None:
                    key = os.path.realpath(builder.build.dockerfile)
                    self._builders.setdefault(key, {})[builder] = None
        self._folders[folder] = found
        return found

    def _builders_of(self, path: Path, files: Files) -> tuple["Builder", ...]:
        """Who builds the Dockerfile: told by files beside it, above it, or read before."""
        for folder in (path.parent, *path.parent.parents):
            if not folder.is_relative_to(files.root):
                break
            self.compose_folder(folder, files)
        return tuple(self._builders.get(os.path.realpath(path), ())) if self._builders else ()

    def _projects(
        self,
        source: SourceFile,
        place: Path,
        files: Files,
        builders: tuple["Builder", ...],
        stdin: bool,
    ) -> Iterator[Loaded]:
        dockerfile = parse_dockerfile(source)
        groups: dict[object, list[Builder]] = {}
        settings = self.settings
        given = settings.build_args or settings.target.stage or settings.context
        for builder in builders:
            groups.setdefault(None if given else builder.build.identity, []).append(builder)
        kept = list(groups.values()) or [[]]
        if builders and not given:
            from mllint.facts.compose.plain_build import is_built_plainly

            kept += [[]] if is_built_plainly(dockerfile, builders) else []
        for group in kept[_BUILD_LIMIT:]:
            label = group[0].label if group else "plain `docker build`"
            location = group[0].location if group else Location(source.path, Span(1, 1, 1, 1))
            reason = f"{label}: more than {_BUILD_LIMIT} ways to build {source.path}"
            self.unchecked.add(Unchecked(location, reason))
        for group in kept[:_BUILD_LIMIT]:
            chosen = group[0] if group and not given else None
            options = self._options(chosen, files, stdin)
            if not group and builders:
                options = options._replace(likely_context=self._context_of(builders[0], files))
            rest = tuple(builder for builder in builders if builder not in group)
            project = build_project(
                dockerfile, place, files, options, self.tables, tuple(group), rest
            )
            yield Loaded(source, project, files)

    def _context_of(self, builder: "Builder", files: Files) -> Path | None:
        """The folder that a builder names as its context; None when it is not there to read."""
        folder = builder.build.context
        return folder if isinstance(folder, Path) and files.is_dir(folder) else None

    def _options(self, builder: "Builder | None", files: Files, stdin: bool) -> Options:
        """How the image is built: as the user says, else as the builder does."""
        settings = self.settings
        context = self.cwd if stdin and settings.context is None else settings.context
        if settings.context is not None and not files.inside(settings.context):
            raise files.outside(settings.context)
        target = settings.target
        platform = target.platform or Options().platform
        if builder is None:
            return Options(
                settings.build_args,
                target.stage,
                context,
                platform,
                driver=target.driver,
                gpus=target.gpus,
                target_required=target.stage_required,
            )
        build = builder.build
        return Options(
            {
                arg.name: Unknown(f"{arg.name} is set in the shell")
                if arg.value is None
                else arg.value
                for arg in build.args
            },
            build.target if isinstance(build.target, str) else None,
            None,
            target.platform or build.platform or platform,
            dict(build.contexts),
            self._context_of(builder, files),
            not isinstance(build.context, Path),
            target.driver,
            target.gpus,
        )


def load_project(
    path: str, cwd: Path, settings: Settings, *, allow_outside: bool = False
) -> Project:
    """The project of one Dockerfile; raises InputError when it cannot be read, or is none.

    Of a Dockerfile that is built in several ways, the first.
    """
    loader = Loader(cwd, settings, allow_outside)
    place = None if path == STDIN else loader.absolute(path)
    if place is not None and place.is_dir():
        raise InputError("is a folder: name the Dockerfile in it", path)
    if place is not None:
        require_dockerfile(place, loader.files_of(place))
    try:
        project = loader.load(place)[0].project
    except MllintError:
        raise
    except Exception as error:  # a limit of Python's, or a bug: one line, as `check` says it
        raise InputError(explained("reading this file failed", error), path) from error
    if not project.stages:
        raise InputError("has no FROM, so it builds no stage", project.path)
    if project.target is None:
        raise InputError(f"no stage is named {settings.target.stage!r}", project.path)
    return project


def unjudged_lines(project: Project) -> Iterator[range]:
    """The lines of the stages that the target does not reach."""
    judged = {stage.index for stage in project.judged}
    starts = [stage.location.span.line for stage in project.stages]
    for stage, end in zip(project.stages, [*starts, sys.maxsize][1:], strict=True):
        if stage.index not in judged:
            yield range(stage.location.span.line, end)
