"""`poetry install` and `pdm sync` in, what they take from their lock or pyproject.toml out."""

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Located
from mllint.facts.installs.builder import InstallBuilder
from mllint.facts.installs.command_options import CommandOptions, read_options
from mllint.facts.installs.install import Indexes, Installer, InstallOptions
from mllint.facts.installs.lock_reach import Reached, reach
from mllint.facts.installs.locked_installs import add_locked, drop_others
from mllint.facts.installs.markers import Markers
from mllint.facts.installs.project_builder import ProjectBuilder
from mllint.facts.installs.project_environments import project_environment
from mllint.facts.installs.project_roots import root_edges
from mllint.facts.installs.requirement_files import RequirementReader
from mllint.facts.installs.source_projects import ProjectReader, asked_of
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.requirements import BadLine

if TYPE_CHECKING:  # imported where a file of that kind is read
    from mllint.parse.locks import Lock
    from mllint.parse.pyproject import Pyproject

_POETRY_VALUED = frozenset(
    "--with --without --only --extras -E --directory -C --project -P --format -f".split()
)
_PDM_VALUED = frozenset(
    "--group -G --with --without --project -p --lockfile -L --config -c --override --venv".split()
)


class _Choice(NamedTuple):
    """The groups (`main` for the project's own dependencies) and extras of one command."""

    main: bool
    groups: tuple[str, ...]
    extras: tuple[str, ...]


def apply_group_install(
    execution: Execution,
    installer: Installer,
    state: StageState,
    group: int,
    reader: RequirementReader,
    locate: Callable[[str], Located | None],
) -> None:
    """Add what `poetry install`, `poetry sync`, `pdm install` or `pdm sync` installs."""
    poetry = installer is Installer.POETRY
    options = read_options(execution, _POETRY_VALUED if poetry else _PDM_VALUED)
    if options.has("--dry-run", "--only-root"):
        return
    folder = execution.resolve(_folder(options, poetry=poetry))
    projects = ProjectReader(reader, locate, execution.location)
    found = folder.reason if isinstance(folder, Unknown) else projects.pyproject(folder)
    known = None if found is None or isinstance(found, str) else found
    draft = project_environment(
        execution,
        installer,
        state,
        folder if isinstance(folder, str) else None,
        known.python if known else None,
    )
    builder = InstallBuilder(execution, installer, state.index, group, InstallOptions(), draft)
    builder.platform = state.platform
    writer = ProjectBuilder(builder, projects)
    if known is None or isinstance(folder, Unknown):
        reason = str(found) if found else f"no pyproject.toml in {folder} is copied"
    else:
        reason = _install(writer, options, known, folder) or ""
    if reason:
        text = " ".join((execution.program, *execution.words))
        builder.add_opaque(execution.location, reason, text, locked=True)


def _folder(options: CommandOptions, *, poetry: bool) -> str | Unknown:
    named = options.last(*(("--directory", "-C", "--project", "-P") if poetry else ("--project",)))
    return "." if named is None else named


def _install(
    writer: ProjectBuilder, options: CommandOptions, found: "Pyproject", folder: str
) -> str | None:
    """Add what the lock, or else pyproject.toml, says; why that is not known otherwise."""
    installer = writer.builder.installer
    choice = _choice(options, found, poetry=installer is Installer.POETRY)
    if isinstance(choice, Unknown):
        return f"a group or extra of {installer.value}: {choice}"
    name = "poetry.lock" if installer is Installer.POETRY else "pdm.lock"
    source = writer.reader.read(posixpath.join(folder, name))
    if isinstance(source, str):
        return source
    writer.note_file(found.path)
    if source is None:
        replaced = any(index.default for index in found.indexes)
        writer.builder.indexes = Indexes(complete=not replaced)
        project = writer.reader.declared(found, folder)
        writer.add(project, choice.extras, choice.groups, dependencies=choice.main)
        return None
    from mllint.parse.locks import read_lock

    lock = writer.reader.parsed(source, read_lock)
    if isinstance(lock, str):
        return lock
    writer.note_file(lock.path)
    reached = _reached(writer, lock, found, folder, choice)
    for item in reached:
        add_locked(writer.builder, lock.path, item)
    if "sync" in writer.builder.execution.words or options.has("--sync", "--clean"):
        drop_others(writer.builder, {item.package.name for item in reached})
    return None


def _choice(options: CommandOptions, found: "Pyproject", *, poetry: bool) -> _Choice | Unknown:
    read = (
        {"with": ("--with",), "without": ("--without",), "only": ("--only",)}
        if poetry
        else {"with": ("--group", "-G", "--with", "-dG"), "without": ("--without",), "only": ()}
    )
    named: dict[str, list[str]] = {}
    for kind, names in {**read, "extras": ("--extras", "-E")}.items():
        values = options.names(*names)
        if isinstance(values, Unknown):
            return values
        named[kind] = [value if value == ":all" else canonicalize_name(value) for value in values]
    if poetry:
        return _poetry_choice(options, found, named)
    return _pdm_choice(options, found, named)


def _poetry_choice(
    options: CommandOptions, found: "Pyproject", named: dict[str, list[str]]
) -> _Choice:
    extras = tuple(found.extras) if options.has("--all-extras") else tuple(named["extras"])
    if named["only"]:
        groups = tuple(group for group in named["only"] if group != "main")
        return _Choice("main" in named["only"], groups, extras)
    default = [group for group in found.groups if group not in found.optional_groups]
    if options.has("--all-groups"):
        default = list(found.groups)
    refused = {*named["without"], *(["dev"] if options.has("--no-dev") else [])}
    groups = tuple(
        group for group in dict.fromkeys((*default, *named["with"])) if group not in refused
    )
    return _Choice("main" not in refused, groups, extras)


def _pdm_choice(
    options: CommandOptions, found: "Pyproject", named: dict[str, list[str]]
) -> _Choice:
    asked = named["with"]
    if ":all" in asked:
        asked = [*found.groups, *found.extras]
    groups = [] if options.has("--prod", "--production") else list(found.groups)
    groups += [name for name in asked if name in found.groups]
    refused = set(named["without"])
    return _Choice(
        not options.has("--no-default"),
        tuple(group for group in dict.fromkeys(groups) if group not in refused),
        tuple(name for name in asked if name in found.extras and name not in refused),
    )


def _reached(
    writer: ProjectBuilder, lock: "Lock", found: "Pyproject", folder: str, choice: _Choice
) -> list[Reached]:
    """The locked packages that the chosen groups and extras reach."""
    builder = writer.builder
    markers = Markers(builder.draft.python, builder.platform, frozenset(choice.extras))
    project = writer.reader.declared(found, folder)
    if builder.installer is Installer.PDM and any(p.groups for p in lock.packages):
        wanted = {*choice.groups, *choice.extras, *(["default"] if choice.main else [])}
        listed = [
            Reached(package, markers.holds(package.marker) is True, direct=True)
            for package in lock.packages
            if package.groups and not package.groups.isdisjoint(wanted)
        ]
        named = {
            line.name
            for line in asked_of(project, choice.extras, choice.groups, dependencies=choice.main)
            if not isinstance(line, BadLine)
        }
        return [
            item._replace(direct=item.package.name in named)
            for item in listed
            if markers.holds(item.package.marker) is not False
        ]
    lines = asked_of(project, choice.extras, choice.groups, dependencies=choice.main)
    return reach(lock, root_edges(lines, found, markers), markers)
