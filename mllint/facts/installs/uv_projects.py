"""A uv command in, the project that it works on and the environment of that project out."""

import posixpath
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from mllint.facts.commands.executions import Execution
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.environments.project_pythons import uv_python
from mllint.facts.installs.command_options import CommandOptions
from mllint.facts.installs.source_projects import ProjectReader
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown
from mllint.parse.source import SourceFile

if TYPE_CHECKING:  # imported where a file of that kind is read
    from mllint.parse.pyproject import Pyproject


class FoundProject(NamedTuple):
    """The project that uv finds: its pyproject.toml, and the folder of it in the image."""

    project: "Pyproject"
    folder: str


def find_project(
    execution: Execution, options: CommandOptions, projects: ProjectReader
) -> FoundProject | str:
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
            return FoundProject(found, folder)
    return f"no pyproject.toml in {place} is copied from the build context"


def _upwards(folder: str) -> Iterable[str]:
    while True:
        yield folder
        if folder in ("/", ""):
            return
        folder = posixpath.dirname(folder)


def uv_project_environment(
    execution: Execution,
    options: CommandOptions,
    state: StageState,
    projects: ProjectReader,
    found: FoundProject | str,
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
        place = posixpath.join(workspace_root(found.folder, projects), ".venv")
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


def workspace_root(folder: str, projects: ProjectReader) -> str:
    """The root of the workspace that a project belongs to: the folder of its lock."""
    for above in _upwards(folder):
        if projects.read(posixpath.join(above, "uv.lock")) is not None:
            return above
    return folder
