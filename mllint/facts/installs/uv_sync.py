"""`uv sync` in, what it takes from uv.lock, or without one from pyproject.toml, out."""

import posixpath
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Located
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.environments.project_pythons import uv_python
from mllint.facts.installs.builder import InstallBuilder
from mllint.facts.installs.command_options import CommandOptions
from mllint.facts.installs.index_settings import effective_indexes
from mllint.facts.installs.install import Installer, InstallOptions
from mllint.facts.installs.lock_reach import Reached, conflict_name, reach_with_conflicts
from mllint.facts.installs.locked_installs import add_locked, drop_others
from mllint.facts.installs.markers import Markers
from mllint.facts.installs.pip_command import read_pip_arguments
from mllint.facts.installs.project_builder import ProjectBuilder
from mllint.facts.installs.requirement_files import RequirementReader
from mllint.facts.installs.source_projects import ProjectReader
from mllint.facts.installs.sync_choice import SyncChoice, sync_choice, sync_options
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown
from mllint.parse.source import SourceFile

if TYPE_CHECKING:  # imported where a file of that kind is read
    from mllint.parse.locks import Edge, Lock, LockedPackage
    from mllint.parse.pyproject import Pyproject


class _Found(NamedTuple):
    """The project that uv finds: its pyproject.toml, and the folder of it in the image."""

    project: "Pyproject"
    folder: str


def apply_uv_sync(
    execution: Execution,
    state: StageState,
    group: int,
    reader: RequirementReader,
    locate: Callable[[str], Located | None],
) -> None:
    """Add what `uv sync` installs to the environment of its project."""
    options = sync_options(execution)
    projects = ProjectReader(reader, locate, execution.location)
    found = _find(execution, options, projects)
    draft = _environment(execution, options, state, projects, found)
    builder = InstallBuilder(
        execution, Installer.UV_SYNC, state.index, group, InstallOptions(), draft
    )
    builder.platform = state.platform
    writer = ProjectBuilder(builder, projects)
    reason = found if isinstance(found, str) else _sync(writer, options, found, state)
    if reason is not None:
        locked = options.has("--locked", "--frozen")
        text = " ".join((execution.program, *execution.words))
        builder.add_opaque(execution.location, reason, text, locked=locked)


def _find(execution: Execution, options: CommandOptions, projects: ProjectReader) -> _Found | str:
    """The nearest pyproject.toml at or above the folder; why there is none otherwise."""
    if options.last("--script") is not None:
        return "what uv sync installs is in a script"
    named = options.last("--project", "--directory")
    place = execution.resolve(named if named is not None else ".")
    if isinstance(place, Unknown):
        return place.reason
    for folder in _upwards(place):
        found = projects.pyproject(folder)
        if isinstance(found, str):
            return found
        if found is not None and (found.declared or found.workspace):
            return _Found(found, folder)
    return f"no pyproject.toml in {place} is copied from the build context"


def _upwards(folder: str) -> Iterable[str]:
    while True:
        yield folder
        if folder in ("/", ""):
            return
        folder = posixpath.dirname(folder)


def _environment(
    execution: Execution,
    options: CommandOptions,
    state: StageState,
    projects: ProjectReader,
    found: _Found | str,
) -> EnvironmentDraft:
    """Where uv sync installs: UV_PROJECT_ENVIRONMENT, else `.venv` of the project."""
    environments = state.environments
    active = execution.activated or execution.lookup("VIRTUAL_ENV")
    if options.has("--active") and active:
        return environments.activated(active)
    prefix = execution.lookup("UV_PROJECT_ENVIRONMENT")
    if isinstance(prefix, Unknown):
        return environments.unknown(prefix.reason)
    if prefix:
        place = execution.resolve(prefix)
    elif isinstance(found, str):
        named = options.last("--project", "--directory")
        folder = execution.resolve(named if named is not None else ".")
        place = folder if isinstance(folder, Unknown) else posixpath.join(folder, ".venv")
    else:
        place = posixpath.join(_workspace(found.folder, projects), ".venv")
    if isinstance(place, Unknown):
        return environments.unknown(place.reason)
    if place in ("/usr/local", "/usr"):
        return environments.on_path(execution.lookup("PATH"), None)
    if place in environments.drafts:
        return environments.activated(place)
    version_file = None if isinstance(found, str) else _version_file(found.folder, projects)
    requires = None if isinstance(found, str) else found.project.python
    requested = options.last("--python", "-p")
    python = uv_python(execution, state, requested, version_file, requires)
    return environments.venv(place, python, execution.location, system_site=False)


def _version_file(folder: str, projects: ProjectReader) -> str | None:
    source = projects.read(posixpath.join(folder, ".python-version"))
    return source.text if isinstance(source, SourceFile) else None


def _workspace(folder: str, projects: ProjectReader) -> str:
    """The root of the workspace that a project belongs to: the folder of its lock."""
    for above in _upwards(folder):
        if projects.read(posixpath.join(above, "uv.lock")) is not None:
            return above
    return folder


def _sync(
    writer: ProjectBuilder, options: CommandOptions, found: _Found, state: StageState
) -> str | None:
    """Add what the project, as chosen by the options, needs; why that is not known otherwise."""
    execution = writer.builder.execution
    choice = sync_choice(options, found.project, execution.lookup)
    if isinstance(choice, Unknown):
        return f"a group or extra of uv sync: {choice}"
    projects = writer.reader
    place = posixpath.join(_workspace(found.folder, projects), "uv.lock")
    source = projects.read(place)
    if isinstance(source, str):
        return source
    if source is None:
        return _resolve(writer, options, found, choice, state)
    from mllint.parse.locks import read_lock

    lock = projects.parsed(source, read_lock)
    return lock if isinstance(lock, str) else _from_lock(writer, options, found, choice, lock)


def _resolve(
    writer: ProjectBuilder,
    options: CommandOptions,
    found: _Found,
    choice: SyncChoice,
    state: StageState,
) -> str | None:
    """Without a lock: uv resolves what pyproject.toml asks for."""
    if options.has("--frozen", "--locked"):
        return f"no uv.lock in {found.folder} is copied from the build context"
    execution = writer.builder.execution
    if "dependencies" in found.project.dynamic:
        return f"{found.project.path} leaves the dependencies to code"
    writer.builder.indexes = effective_indexes(
        read_pip_arguments(execution.arguments),
        (),
        state.pip_settings,
        execution.lookup,
        uv=True,
        complete=not state.pip_config_unread,
    )
    writer.note_file(found.project.path)
    project = writer.reader.declared(found.project, found.folder)
    writer.add(project, choice.extras, choice.groups, dependencies=choice.dependencies)
    return None


def _from_lock(
    writer: ProjectBuilder,
    options: CommandOptions,
    found: _Found,
    choice: SyncChoice,
    lock: "Lock",
) -> str | None:
    roots = _roots(options, found, lock)
    if isinstance(roots, str):
        return roots
    active = {conflict_name("extra", root.name, extra) for root in roots for extra in choice.extras}
    active |= {conflict_name("group", root.name, name) for root in roots for name in choice.groups}
    edges = [edge for root in roots for edge in _edges(root, choice)]
    edges += [edge for name in choice.groups for edge in lock.groups.get(name, ())]
    builder = writer.builder
    markers = Markers(builder.draft.python, builder.platform)
    reached = reach_with_conflicts(lock, edges, markers, frozenset(active))
    own = {id(root) for root in roots}
    writer.note_file(found.project.path)
    writer.note_file(lock.path)
    kept = set(choice.skipped)
    if choice.dependencies:
        reached = [Reached(root, True, True) for root in roots] + [
            item for item in reached if id(item.package) not in own
        ]
    for item in reached:
        kept.add(item.package.name)
        if item.package.name not in choice.skipped and _comes(item.package, choice):
            add_locked(builder, lock.path, item)
    if not options.has("--inexact"):
        drop_others(builder, kept)
    return None


def _comes(package: "LockedPackage", choice: SyncChoice) -> bool:
    """Whether a package is installed itself: a virtual project is not, nor one left out."""
    origin = package.origin or ""
    local = origin.startswith(("editable=", "directory="))
    return not origin.startswith("virtual=") and (choice.local or not local)


def _roots(options: CommandOptions, found: _Found, lock: "Lock") -> "list[LockedPackage] | str":
    """The packages of the lock that are the projects to install."""
    names = options.names("--package")
    if isinstance(names, Unknown):
        return f"the package of uv sync: {names}"
    wanted: set[str] = {canonicalize_name(name) for name in names}
    if not wanted and found.project.name is not None and not options.has("--all-packages"):
        wanted = {found.project.name}
    wanted = wanted or set(lock.members)
    roots = [package for package in lock.packages if package.name in wanted and package.url]
    return roots or f"{lock.path} does not hold the project of {found.project.path}"


def _edges(root: "LockedPackage", choice: SyncChoice) -> "Iterable[Edge]":
    """What a project needs with these extras and groups."""
    if choice.dependencies:
        yield from root.needs
    for extra in choice.extras:
        yield from root.extras.get(extra, ())
    for group in choice.groups:
        yield from root.group_needs.get(group, ())
