"""`uv sync` in, what it takes from uv.lock, or without one from pyproject.toml, out."""

import posixpath
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Located
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.installs.builder import InstallBuilder
from mllint.facts.installs.command_options import CommandOptions
from mllint.facts.installs.config_files import unread_config
from mllint.facts.installs.index_settings import effective_indexes
from mllint.facts.installs.install import Installer, InstallOptions, opaque_install
from mllint.facts.installs.lock_reach import Reached, conflict_name, reach_with_conflicts
from mllint.facts.installs.locked_installs import add_locked, drop_others
from mllint.facts.installs.markers import Markers
from mllint.facts.installs.pip_command import read_pip_arguments
from mllint.facts.installs.project_builder import ProjectBuilder
from mllint.facts.installs.requirement_files import RequirementReader
from mllint.facts.installs.source_projects import ProjectReader
from mllint.facts.installs.sync_choice import SyncChoice, sync_choice, sync_options
from mllint.facts.installs.uv_projects import (
    FoundProject,
    find_project,
    uv_project_environment,
    workspace_root,
)
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown

if TYPE_CHECKING:  # imported where a file of that kind is read
    from mllint.parse.locks import Edge, Lock, LockedPackage


def apply_uv_sync(
    execution: Execution,
    state: StageState,
    group: int,
    reader: RequirementReader,
    locate: Callable[[str], Located | None],
) -> None:
    """Add what `uv sync` installs to the environment of its project."""
    options, projects, found, draft = _opened(execution, state, reader, locate)
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


def apply_uv_add(
    execution: Execution,
    state: StageState,
    group: int,
    reader: RequirementReader,
    locate: Callable[[str], Located | None],
) -> None:
    """Note that `uv add` installs into the environment of its project, and syncs it."""
    draft = _opened(execution, state, reader, locate)[-1]
    reason = "what uv add installs is in a project or lock file"
    draft.installs.append(opaque_install(execution, state.index, group, Installer.UV_ADD, reason))


def _opened(
    execution: Execution,
    state: StageState,
    reader: RequirementReader,
    locate: Callable[[str], Located | None],
) -> tuple[CommandOptions, ProjectReader, FoundProject | str, EnvironmentDraft]:
    """The options of a uv command, and the project and environment that it works on."""
    options = sync_options(execution)
    projects = ProjectReader(reader, locate, execution.location)
    found = find_project(execution, options, projects)
    draft = uv_project_environment(execution, options, state, projects, found)
    return options, projects, found, draft


def _sync(
    writer: ProjectBuilder, options: CommandOptions, found: FoundProject, state: StageState
) -> str | None:
    """Add what the project, as chosen by the options, needs; why that is not known otherwise."""
    execution = writer.builder.execution
    choice = sync_choice(options, found.project, execution.lookup)
    if isinstance(choice, Unknown):
        return f"a group or extra of uv sync: {choice}"
    projects = writer.reader
    place = posixpath.join(workspace_root(found.folder, projects), "uv.lock")
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
    found: FoundProject,
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
        complete=not (
            state.pip_config_unread or unread_config(execution, writer.reader.locate, uv=True)
        ),
    )
    writer.note_file(found.project.path)
    project = writer.reader.declared(found.project, found.folder)
    writer.add(project, choice.extras, choice.groups, dependencies=choice.dependencies)
    return None


def _from_lock(
    writer: ProjectBuilder,
    options: CommandOptions,
    found: FoundProject,
    choice: SyncChoice,
    lock: "Lock",
) -> str | None:
    roots = _roots(options, found, lock)
    if isinstance(roots, str):
        return roots
    choice = _all_of(options, roots, choice)
    active = {conflict_name("extra", root.name, extra) for root in roots for extra in choice.extras}
    active |= {conflict_name("group", root.name, name) for root in roots for name in choice.groups}
    edges = [edge for root in roots for edge in _edges(root, choice)]
    if "--package" not in options.values and (
        found.project.name is None or options.has("--all-packages")
    ):  # the groups of a workspace whose root is no project
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
        project = id(item.package) in own
        if item.package.name not in choice.skipped and _comes(item.package, project, choice, lock):
            add_locked(builder, lock.path, item)
    if not options.has("--inexact"):
        drop_others(builder, kept)
    return None


def _all_of(
    options: CommandOptions, roots: "list[LockedPackage]", choice: SyncChoice
) -> SyncChoice:
    """The choice with all extras and groups of the projects, where all are asked for."""
    if options.has("--all-extras"):
        refused = options.values.get("--no-extra", [])
        extras = dict.fromkeys(extra for root in roots for extra in root.extras)
        choice = choice._replace(extras=tuple(extra for extra in extras if extra not in refused))
    if options.has("--all-groups"):
        groups = (*choice.groups, *(group for root in roots for group in root.group_needs))
        choice = choice._replace(groups=tuple(dict.fromkeys(groups)))
    return choice


def _comes(package: "LockedPackage", project: bool, choice: SyncChoice, lock: "Lock") -> bool:
    """Whether a package is installed itself: a virtual project is not, nor one left out."""
    origin = package.origin or ""
    if origin.startswith("virtual="):
        return False
    if choice.left_out == "local":
        return not origin.startswith(("editable=", "directory="))
    member = project or package.name in lock.members
    return not (project if choice.left_out == "project" else member and bool(choice.left_out))


def _roots(
    options: CommandOptions, found: FoundProject, lock: "Lock"
) -> "list[LockedPackage] | str":
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
