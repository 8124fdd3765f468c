"""Executions of pip and uv pip in, `Install`s in the right environment out."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Located
from mllint.facts.commands.variables import Argument, Value
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.environments.programs import python_module, wanted_version
from mllint.facts.installs.builder import InstallBuilder
from mllint.facts.installs.config_files import unread_config
from mllint.facts.installs.found_files import FoundFiles, constraints_of
from mllint.facts.installs.index_settings import constraint_paths, effective_indexes, with_variables
from mllint.facts.installs.install import Installer, InstallOptions
from mllint.facts.installs.pip_command import (
    PipCommand,
    install_options,
    read_pip_arguments,
    takes_value,
)
from mllint.facts.installs.requirement_files import RequirementReader, is_project_file
from mllint.facts.installs.uv_environment import uv_environment
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import PerhapsUnset, Unknown
from mllint.parse.source import Location

if TYPE_CHECKING:
    from mllint.facts.installs.project_builder import ProjectBuilder

Locate = Callable[[str], Located | None]


def pip_arguments(execution: Execution) -> tuple[Installer, str, tuple[Argument, ...]] | None:
    """(installer, sub-command, its arguments) when `execution` runs pip or uv pip, else None.

    `pip3 install x`, `python -m pip install x`, `uv pip install x`, `python -m uv pip install x`.
    """
    words, arguments = execution.words, execution.arguments
    program = execution.program
    if program.startswith(("python", "pypy")):
        module, skip = python_module(words)
        if module not in ("pip", "uv"):
            return None
        program, words, arguments = module, words[skip:], arguments[skip:]
    installer = Installer.PIP
    if program == "uv":
        words, arguments = _skip_options(words, arguments)
        if words[:1] != ("pip",):
            return None
        installer, words, arguments = Installer.UV_PIP, words[1:], arguments[1:]
    elif not program.startswith("pip") or program.startswith(("pipenv", "pipx", "pip-")):
        return None
    behind, rest = _skip_options(words, arguments)
    if not behind:
        return None
    # pip --python /opt/venv install x: read as one of the command's own options.
    before = arguments[: len(arguments) - len(rest)]
    return installer, behind[0], (*before, *rest[1:])


def _skip_options(
    words: tuple[str, ...], arguments: tuple[Argument, ...]
) -> tuple[tuple[str, ...], tuple[Argument, ...]]:
    """Drop global options before the sub-command: `pip --no-cache-dir install`."""
    skip = 0
    while skip < len(words) and words[skip].startswith("-"):
        skip += 2 if takes_value(words[skip]) else 1
    return words[skip:], arguments[skip:]


def apply_pip(
    execution: Execution,
    installer: Installer,
    arguments: tuple[Argument, ...],
    state: StageState,
    reader: RequirementReader,
    locate: Locate,
    group: int,
) -> None:
    """Add what `pip install …` (or `uv pip install/sync …`) installs to its environment."""
    command = read_pip_arguments(arguments)
    uv = installer.is_uv
    options = with_variables(install_options(command), state.pip_settings, execution.lookup, uv=uv)
    if options.dry_run:
        return
    draft = _environment(execution, command, options, state, uv=uv)
    _note_upgrade(execution, command, state)
    found = _read_files(execution, command, state, reader, locate, uv=uv)
    options = _with_in_file(options, found)
    builder = InstallBuilder(execution, installer, state.index, group, options, draft)
    builder.files = tuple(found.files)
    builder.platform = state.platform
    builder.constraints = constraints_of(found)
    builder.indexes = effective_indexes(
        command,
        found.options,
        state.pip_settings,
        execution.lookup,
        uv=uv,
        complete=not (state.pip_config_unread or unread_config(execution, locate, uv=uv)),
    )
    builder.open_projects = lambda: _projects(builder, reader, locate)
    if uv and isinstance(execution.workdir, str):
        _projects(builder, reader, locate).use_settings_of(execution.workdir)
    _add_project_files(builder, command, reader, locate)
    _add_requirements(builder, command, found)
    state.requirement_faults.extend(builder.faults)


def _note_upgrade(execution: Execution, command: PipCommand, state: StageState) -> None:
    """`python3.11 -m pip install -U pip`: the new /usr/local/bin/pip is that Python's."""
    minor = wanted_version(execution.program)
    if minor is not None and any(argument.text == "pip" for argument in command.requirements):
        state.environments.pip_alias = minor


def _add_requirements(builder: InstallBuilder, command: PipCommand, found: FoundFiles) -> None:
    """Add what the files and the words of a command ask for, and what is wrong with the files."""
    for requirement in found.requirements:
        if not requirement.constraint:
            builder.add_line(requirement.line, requirement.location, written=requirement.written)
    for argument in command.requirements:
        builder.add_argument(argument, editable=False)
    for argument in command.editables:
        builder.add_argument(argument, editable=True)
    for place, reason in found.missing:
        builder.add_opaque(place, reason, "requirement file")
    for place, bad in found.refused:
        builder.add_fault(place, bad=bad)
    for place, file in found.absent:
        builder.add_fault(place, absent=file)


def _projects(
    builder: InstallBuilder, reader: RequirementReader, locate: Locate
) -> "ProjectBuilder":
    """What reads projects for a command; imported for those that name one."""
    from mllint.facts.installs.project_builder import ProjectBuilder
    from mllint.facts.installs.source_projects import ProjectReader

    if builder.projects is not None:
        return builder.projects
    return ProjectBuilder(builder, ProjectReader(reader, locate, builder.execution.location))


def _add_project_files(
    builder: InstallBuilder, command: PipCommand, reader: RequirementReader, locate: Locate
) -> None:
    """Add what `-r pyproject.toml`, `-r pylock.toml` and `--group` ask for."""
    uv = builder.installer.is_uv
    named = any(is_project_file(argument.text, uv=uv) for argument in command.files)
    if named or "--group" in command.values:
        from mllint.facts.installs.project_files import add_project_files

        add_project_files(_projects(builder, reader, locate), command, uv=uv)


def apply_uninstall(
    execution: Execution,
    installer: Installer,
    arguments: tuple[Argument, ...],
    state: StageState,
    group: int,
) -> None:
    """Record what `pip uninstall` takes out of its environment."""
    command = read_pip_arguments(arguments)
    options = install_options(command)
    draft = _environment(execution, command, options, state, uv=installer.is_uv)
    builder = InstallBuilder(execution, installer, state.index, group, options, draft)
    for argument in command.requirements:
        builder.add_argument(argument, editable=False, uninstall=True)


def _environment(
    execution: Execution,
    command: PipCommand,
    options: InstallOptions,
    state: StageState,
    *,
    uv: bool,
) -> EnvironmentDraft:
    """The environment that one command installs into."""
    environments = state.environments
    chosen = uv_environment(execution, command, options, state) if uv else None
    if not uv and (python := command.last("--python")) is not None:
        chosen = environments.of_interpreter(execution.resolve(python))
    draft = chosen or environments.of(execution)
    if options.target is not None:
        target = options.target
        resolved = execution.resolve(target) if isinstance(target, str) else target
        return environments.target(resolved, draft.python)
    return draft


def _read_files(
    execution: Execution,
    command: PipCommand,
    state: StageState,
    reader: RequirementReader,
    locate: Locate,
    *,
    uv: bool,
) -> FoundFiles:
    """Every requirement and constraint file of the command, followed to the end."""
    found = FoundFiles()
    paths: list[tuple[Argument | None, Value, bool]] = [
        *((argument, argument.value, False) for argument in command.files),
        *((argument, argument.value, True) for argument in command.constraints),
        *((argument, argument.value, True) for argument in command.overrides),
        *(
            (None, value, True)
            for value in constraint_paths(execution.lookup, state.pip_settings, uv=uv)
        ),
    ]
    for argument, value, constraint in paths:
        place = execution.location
        if argument is not None:
            place = Location(place.path, argument.word.span)
        path = value if isinstance(value, str) and "://" in value else execution.resolve(value)
        if isinstance(path, str) and not constraint and is_project_file(path, uv=uv):
            continue  # _add_project_files reads it
        if isinstance(value, PerhapsUnset):
            found.constraints_perhaps = value
        elif isinstance(path, Unknown) and constraint:
            found.constraints_missing.append((place, f"where it lies is not known: {path}"))
        elif isinstance(path, Unknown):
            found.missing.append((place, f"the path of this file is not known: {path}"))
        else:
            written = argument.text if argument is not None else path
            known = len(found.requirements)
            reader.follow(path, place, locate, found, written=written, constraint=constraint)
            if argument in command.overrides:
                found.requirements[known:] = [
                    each._replace(override=True) for each in found.requirements[known:]
                ]
    return found


def _with_in_file(options: InstallOptions, found: FoundFiles) -> InstallOptions:
    names = {name for name, _ in found.options}
    return options._replace(
        pre=options.pre or "--pre" in names,
        require_hashes=options.require_hashes or "--require-hashes" in names,
    )
