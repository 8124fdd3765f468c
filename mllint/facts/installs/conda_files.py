"""A conda environment.yml that a command names in, its conda and pip installs out."""

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Located
from mllint.facts.commands.variables import Value
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.installs.builder import InstallBuilder
from mllint.facts.installs.conda_specs import add_spec, conda_draft
from mllint.facts.installs.config_files import unread_config
from mllint.facts.installs.found_files import FoundFiles
from mllint.facts.installs.index_settings import effective_indexes
from mllint.facts.installs.install import Installer, InstallOptions, opaque_install
from mllint.facts.installs.pip_command import PipCommand
from mllint.facts.installs.requirement_files import RequirementReader
from mllint.facts.stage_state import StageState
from mllint.parse.source import Location, SourceFile

if TYPE_CHECKING:  # imported where a file of that kind is read
    from mllint.parse.conda import CondaEnvironment


def apply_environment_file(
    execution: Execution,
    state: StageState,
    group: int,
    file: Value,
    named: EnvironmentDraft | None,
    reader: RequirementReader,
    locate: Callable[[str], Located | None],
) -> None:
    """What an environment.yml installs, into the environment that it or the command names."""
    path = execution.resolve(file)
    source = str(path)
    found: CondaEnvironment | str | None = source
    if isinstance(path, str):
        text = reader.beside(path, locate, execution.location)
        found = text if not isinstance(text, SourceFile) else _parsed(text, reader)
    if found is None or isinstance(found, str):
        reason = "the conda environment file names the environment"
        draft = named or state.environments.unknown(reason)
        why = found or f"{file} is not copied from the build context"
        reason = f"the conda environment file is not read: {why}"
        draft.installs.append(
            opaque_install(execution, state.index, group, Installer.CONDA, reason)
        )
        return
    draft = named or _own_draft(execution, state, found)
    for spec in found.specs:
        place = Location(found.path, spec.span)
        add_spec(
            draft, execution, state.index, group, spec.text, place, found.channels, (found.path,)
        )
    if found.pip is not None and isinstance(path, str):
        _add_pip(execution, state, group, draft, found.pip, path, reader, locate)


def _parsed(source: SourceFile, reader: RequirementReader) -> "CondaEnvironment | str":
    from mllint.parse.conda import read_conda_environment

    return reader.parsed(source, read_conda_environment)


def _own_draft(
    execution: Execution, state: StageState, found: "CondaEnvironment"
) -> EnvironmentDraft:
    """The environment that the file names itself."""
    options: dict[str, list[Value]] = {}
    if found.prefix:
        options["-p"] = [found.prefix]
    elif found.name:
        options["-n"] = [found.name]
    return conda_draft(execution, state, options, created=True)


def _add_pip(
    execution: Execution,
    state: StageState,
    group: int,
    draft: EnvironmentDraft,
    section: SourceFile,
    path: str,
    reader: RequirementReader,
    locate: Callable[[str], Located | None],
) -> None:
    """The pip section: conda hands it to the environment's own pip as a requirements file."""
    found = FoundFiles()
    reader.take(section, path, locate, found)
    builder = InstallBuilder(execution, Installer.PIP, state.index, group, InstallOptions(), draft)
    builder.platform = state.platform
    builder.files = tuple(found.files)
    builder.indexes = effective_indexes(
        PipCommand(),
        found.options,
        state.pip_settings,
        execution.lookup,
        uv=False,
        complete=not (state.pip_config_unread or unread_config(execution, locate, uv=False)),
    )
    folder = posixpath.dirname(path)  # conda runs pip in the folder of the file
    from mllint.facts.installs.project_builder import ProjectBuilder
    from mllint.facts.installs.source_projects import ProjectReader

    ProjectBuilder(builder, ProjectReader(reader, locate, execution.location), folder)
    for requirement in found.requirements:
        if not requirement.constraint:
            builder.add_line(requirement.line, requirement.location)
    for place, reason in found.missing:
        builder.add_opaque(place, reason, "requirement file")
