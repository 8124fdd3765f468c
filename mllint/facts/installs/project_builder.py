"""A project whose requirements a command installs in, its `Install`s out."""

import posixpath
from collections.abc import Iterable
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from mllint.facts.installs.builder import InstallBuilder
from mllint.facts.installs.found_files import FoundRequirement
from mllint.facts.installs.install import Indexes, Limit
from mllint.facts.installs.markers import Markers
from mllint.facts.installs.source_projects import ProjectReader, SourceProject, ancestors, asked_of
from mllint.facts.installs.uv_sources import chosen_source, index_of, with_project_indexes
from mllint.facts.unknown import Unknown
from mllint.parse.requirements import BadLine, RequirementLine
from mllint.parse.source import Location, SourceFile

if TYPE_CHECKING:  # imported where a file of that kind is read
    from mllint.parse.pyproject import Pyproject

_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz")


class ProjectBuilder:
    """Adds what projects require to the installs of one command, each project once."""

    def __init__(
        self, builder: InstallBuilder, reader: ProjectReader, folder: str | None = None
    ) -> None:
        self.builder = builder
        self._folder = folder  # that paths begin in, where it is not that of the command
        self.reader = reader
        self._settings: Pyproject | None = None
        self._opened: dict[str, SourceProject] = {}
        builder.projects = self

    def open(self, line: RequirementLine) -> SourceProject | str | None:
        """The project in the folder that a requirement names; None when it names none.

        A reason instead when its files were found and do not tell what it requires.
        """
        url = (line.url or "").removeprefix("file://")
        if not url or "://" in url or url.endswith(_ARCHIVES):
            return None
        folder = self.builder.execution.resolve(posixpath.join(self._folder or "", url))
        if isinstance(folder, Unknown):
            return None
        if folder in self._opened:  # of two projects, each may name the other
            return self._opened[folder]._replace(dependencies=(), elsewhere=())
        found = self.reader.project(folder)
        if isinstance(found, str):
            return f"the dependencies of {line.text} are not known: {found}"
        if found is not None:
            self._opened[folder] = found
        return found

    def add(
        self,
        project: SourceProject,
        extras: Iterable[str] = (),
        groups: Iterable[str] = (),
        *,
        dependencies: bool = True,
    ) -> None:
        """Add what a project requires, with these extras and groups."""
        extras, groups = frozenset(map(canonicalize_name, extras)), frozenset(groups)
        if self.builder.installer.is_uv and project.uv is not None:
            self.use_settings(project.uv)
        lines = asked_of(project, sorted(extras), sorted(groups), dependencies=dependencies)
        for line in lines:
            place = Location(project.path, line.span)
            if isinstance(line, BadLine):
                self.builder.add_opaque(place, line.message, "a requirement of the project")
            else:
                self._add_sourced(line, place, project, extras, groups)
        if dependencies:
            elsewhere = self.reader.elsewhere(project)
            for found in elsewhere.requirements:
                self.builder.add_line(found.line, found.location)
            for place, reason in elsewhere.missing:
                self.builder.add_opaque(place, reason, "the requirements of the project")

    def note_file(self, path: str) -> None:
        """Note a file that the command itself names."""
        self.builder.files = tuple(dict.fromkeys((*self.builder.files, path)))

    def use_settings_of(self, folder: str) -> None:
        """Take the uv settings of the nearest project at or above a folder into account."""
        for above in (folder, *ancestors(folder)):
            if self.reader.read(posixpath.join(above, "uv.toml")) is not None:
                self.builder.indexes = self.builder.indexes._replace(complete=False)
                return
            source = self.reader.read(posixpath.join(above, "pyproject.toml"))
            if isinstance(source, SourceFile) and "[tool.uv" in source.text:
                found = self.reader.pyproject(above)
                if found is not None and not isinstance(found, str):
                    self.use_settings(found)
                return

    def use_settings(self, project: "Pyproject") -> None:
        """Take the indexes, constraints and overrides of a project's uv table into account."""
        if self._settings is not None:
            return
        self._settings = project
        self.builder.indexes = with_project_indexes(self.builder.indexes, project)
        if project.other_indexes:
            self.builder.indexes = self.builder.indexes._replace(complete=False)
        markers = Markers(self.builder.draft.python, self.builder.platform)
        held = self.builder.constraints
        for entry in (*project.constraints, *project.overrides):
            if isinstance(entry, RequirementLine) and entry.name is not None:
                marker = str(entry.marker) if entry.marker else None
                if markers.holds(marker) is not False:
                    place, override = Location(project.path, entry.span), entry in project.overrides
                    held.by_name[entry.name] = FoundRequirement(entry, place, True, override)
                    if entry.requirement is not None:
                        held.limits += (Limit(str(entry.requirement), place, override),)

    def _add_sourced(
        self,
        line: RequirementLine,
        place: Location,
        project: SourceProject,
        extras: frozenset[str],
        groups: frozenset[str],
    ) -> None:
        """Add a requirement of a project, taken from where the project's tool is told to look."""
        builder, settings, source = self.builder, project.uv, None
        if settings is not None and builder.installer.reads_sources:
            markers = Markers(builder.draft.python, builder.platform, extras, groups)
            source = chosen_source(line.name, settings, markers, extras, groups)
        if isinstance(source, Unknown):
            builder.add_line(line, place, indexes=Indexes(complete=False), metadata=True)
        elif source is None or settings is None:
            builder.add_line(line, place, metadata=True)
        elif source.url is not None:
            url = source.url
            if "://" not in url:
                url = posixpath.join(project.folder, url)
            builder.add_line(line._replace(url=url), place, metadata=True)
        else:
            indexes = Indexes(primary=index_of(source, settings))
            builder.add_line(line, place, indexes=indexes, metadata=True)
