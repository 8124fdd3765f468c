"""A uv command in, the project that it works on and the environment of that project out."""

import posixpath
from typing import TYPE_CHECKING

from mllint.facts.commands.executions import Execution
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.environments.project_pythons import accepts, uv_python
from mllint.facts.images.base_image import Python
from mllint.facts.installs.command_options import CommandOptions
from mllint.facts.installs.source_projects import ProjectReader, ancestors
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
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
    for folder in (place, *ancestors(place)):
        found = projects.pyproject(folder)
        if isinstance(found, str):
            return found
        if found is not None and (found.declared or found.workspace):
            return FoundProject(found, folder)
    return f"no pyproject.toml in {place} is copied from the build context"


def uv_project_environment(
    execution: Execution,
    options: CommandOptions,
    state: StageState,
    projects: ProjectReader,
    found: FoundProject | str,
) -> EnvironmentDraft:
    """Where uv sync installs: UV_PROJECT_ENVIRONMENT, else `.venv` of the project.

    An environment whose Python the project does not accept is removed and made again.
    """
    environments = state.environments
    active = execution.activated or execution.lookup("VIRTUAL_ENV")
    draft = environments.activated(active) if options.has("--active") and active else None
    place = None if draft else _place(execution, options, projects, found)
    if isinstance(place, Unknown):
        return environments.unknown(place.reason)
    if place in ("/usr/local", "/usr"):
        return environments.on_path(execution.lookup("PATH"), None)
    if place in environments.drafts:
        draft = environments.activated(place)
    version_file = None if isinstance(found, str) else _version_file(found.folder, projects)
    requires = None if isinstance(found, str) else found.project.python
    kept = draft is not None and not _is_refused(draft, requires)
    if draft is not None and kept:
        return draft
    requested = options.last("--python", "-p")
    python = uv_python(execution, state, requested, version_file, requires)
    if draft is not None:
        draft.installs.clear()
        draft.python = python
        return draft
    return environments.venv(str(place), python, execution.location, system_site=False)


def _is_refused(draft: EnvironmentDraft, requires: str | None) -> bool:
    python = draft.python
    known = draft.kind is EnvironmentKind.VENV and isinstance(python, Python)
    return known and isinstance(python, Python) and not accepts(requires, python.version)


def _place(
    execution: Execution,
    options: CommandOptions,
    projects: ProjectReader,
    found: FoundProject | str,
) -> str | Unknown:
    """The folder of the environment, that of the project where nothing else is said."""
    prefix = execution.lookup("UV_PROJECT_ENVIRONMENT")
    if isinstance(prefix, Unknown):
        return prefix
    if prefix:
        return execution.resolve(prefix)
    if isinstance(found, str):
        named = options.last("--project", "--directory")
        folder = execution.resolve(named if named is not None else ".")
        return folder if isinstance(folder, Unknown) else posixpath.join(folder, ".venv")
    return posixpath.join(workspace_root(found.folder, projects), ".venv")


def _version_file(folder: str, projects: ProjectReader) -> str | None:
    source = projects.read(posixpath.join(folder, ".python-version"))
    return source.text if isinstance(source, SourceFile) else None


def workspace_root(folder: str, projects: ProjectReader) -> str:
    """The root of the workspace that a project belongs to: the folder of its lock."""
    for above in (folder, *ancestors(folder)):
        if projects.read(posixpath.join(above, "uv.lock")) is not None:
            return above
    return folder
