"""An execution of poetry, pdm or pipenv in, the environment that it installs into out."""

import posixpath

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import Value
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.environments.project_pythons import found_python
from mllint.facts.installs.install import Installer
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown

_YES, _NO = frozenset({"true", "1"}), frozenset({"false", "0"})


def project_environment(
    execution: Execution,
    installer: Installer,
    state: StageState,
    folder: str | None,
    requires: str | None,
) -> EnvironmentDraft:
    """The environment: the Python of PATH where the tool is told so, what is active, or its own.

    folder: of the project, None when it is not known. requires: the Pythons that it takes.
    """
    environments = state.environments
    if installer is Installer.PIPENV and _uses_system(execution):
        return environments.on_path(execution.lookup("PATH"), None)
    if installer is Installer.POETRY and _setting(execution, state, "create") in _NO:
        return environments.on_path(execution.lookup("PATH"), None)
    active = execution.activated or execution.lookup("VIRTUAL_ENV")
    if isinstance(active, str) and active:
        return environments.activated(active)
    place = posixpath.join(folder, ".venv") if folder is not None else None
    in_project = {
        Installer.POETRY: _setting(execution, state, "in-project") in _YES,
        Installer.PIPENV: execution.lookup("PIPENV_VENV_IN_PROJECT") not in (None, "", "0"),
        Installer.PDM: True,
    }
    if place is not None and place in environments.drafts:
        return environments.activated(place)
    if place is not None and in_project.get(installer, False):
        python = found_python(execution, state, requires)
        unknown = Unknown(f"{installer.value} chooses the Python of its environment")
        created = execution.location
        return environments.venv(place, python or unknown, created, system_site=False)
    return environments.unknown(f"the environment that {installer.value} makes")


def _uses_system(execution: Execution) -> bool:
    return "--system" in execution.words or execution.lookup("PIPENV_SYSTEM") in ("1", "true")


def _setting(execution: Execution, state: StageState, name: str) -> str:
    """Poetry's `virtualenvs.create` and the like, from its variable or `poetry config`."""
    value: Value | None = execution.lookup(f"POETRY_VIRTUALENVS_{name.upper().replace('-', '_')}")
    if value is None:
        value = state.pip_settings.get(f"poetry:virtualenvs.{name}")
    return value.strip().lower() if isinstance(value, str) else ""
