"""`-r pyproject.toml`, `-r pylock.toml` and `--group` of one pip command in, its `Install`s out."""

import posixpath

from mllint.facts.commands.variables import Value
from mllint.facts.installs.lock_reach import Reached
from mllint.facts.installs.locked_installs import add_locked
from mllint.facts.installs.markers import Markers
from mllint.facts.installs.pip_command import PipCommand
from mllint.facts.installs.project_builder import ProjectBuilder
from mllint.facts.installs.requirement_files import is_project_file, is_pylock
from mllint.facts.unknown import Unknown
from mllint.parse.source import Location, SourceFile


def add_project_files(projects: ProjectBuilder, command: PipCommand, *, uv: bool) -> None:
    """Add what the projects and locks that a pip command names by `-r` and `--group` require."""
    builder = projects.builder
    for argument in command.files:
        place = Location(builder.execution.location.path, argument.word.span)
        path = builder.execution.resolve(argument.value)
        if isinstance(path, Unknown) or not is_project_file(path, uv=uv):
            continue
        if is_pylock(path):
            _add_pylock(projects, path, command, place)
        else:
            extras = _names(command.values.get("--extra", []))
            _add_requirements(projects, path, extras, place, command)
    for value in command.values.get("--group", []):
        _add_group(projects, value)


def _add_requirements(
    projects: ProjectBuilder,
    path: str,
    extras: list[str] | Unknown,
    place: Location,
    command: PipCommand,
) -> None:
    found = projects.reader.project(posixpath.dirname(path))
    if isinstance(extras, Unknown):
        projects.builder.add_opaque(place, f"an extra: {extras}", path)
    elif found is None or isinstance(found, str):
        reason = found or f"{path} is not copied from the build context"
        projects.builder.add_opaque(place, reason, posixpath.basename(path))
    else:
        if "--all-extras" in command.switches:
            extras = list(found.extras)
        projects.note_file(found.path)
        projects.add(found, extras)


def _add_group(projects: ProjectBuilder, value: Value) -> None:
    """`--group dev`, `--group ./sub/pyproject.toml:dev`."""
    builder = projects.builder
    place = builder.execution.location
    if isinstance(value, Unknown):
        builder.add_opaque(place, f"a dependency group: {value}", "--group")
        return
    path, _, group = value.rpartition(":")
    file = builder.execution.resolve(path or "pyproject.toml")
    folder = file if isinstance(file, Unknown) else posixpath.dirname(file)
    found = str(folder) if isinstance(folder, Unknown) else projects.reader.groups(folder)
    if found is None or isinstance(found, str):
        builder.add_opaque(place, found or f"{file} is not copied from the build context", value)
        return
    projects.note_file(found.path)
    projects.add(found, (), (group,), dependencies=False)


def _names(values: list[Value]) -> list[str] | Unknown:
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    return unknown or [value for value in values if isinstance(value, str)]


def _add_pylock(projects: ProjectBuilder, path: str, command: PipCommand, place: Location) -> None:
    builder = projects.builder
    source = projects.reader.read(path)
    if not isinstance(source, SourceFile):
        reason = source or f"{path} is not copied from the build context"
        builder.add_opaque(place, reason, posixpath.basename(path))
        return
    from mllint.parse.locks import read_lock

    lock = projects.reader.parsed(source, read_lock)
    if isinstance(lock, str):
        builder.add_opaque(place, lock, posixpath.basename(path))
        return
    extras = _names(command.values.get("--extra", []))
    groups = _names(command.values.get("--group", [])) or lock.default_groups
    if isinstance(extras, Unknown) or isinstance(groups, Unknown):
        builder.add_opaque(place, f"an extra or group: {extras}", posixpath.basename(path))
        return
    projects.note_file(lock.path)
    markers = Markers(builder.draft.python, builder.platform, frozenset(extras), frozenset(groups))
    for package in lock.packages:
        holds = markers.holds(package.marker)
        if holds is not False:
            add_locked(projects.builder, lock.path, Reached(package, holds is True, direct=True))
