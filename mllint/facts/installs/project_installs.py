"""Executions of conda, uv sync, poetry, pipenv and their kin in, environments and installs out.

What a lock or project file holds is not read here: such an install is opaque, with its reason.
"""

import posixpath
from collections.abc import Iterable

from mllint.facts.commands.executions import Execution
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.environments.programs import python_version
from mllint.facts.images.base_image import Origin, Python
from mllint.facts.installs.conda_installs import apply_conda
from mllint.facts.installs.install import Installer
from mllint.facts.installs.opaque import opaque_install
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown

_CONDA = frozenset({"conda", "mamba", "micromamba"})
_PROJECT_TOOLS = {
    "poetry": (Installer.POETRY, {"install", "sync", "add", "update"}),
    "pipenv": (Installer.PIPENV, {"install", "sync", "update"}),
    "pdm": (Installer.PDM, {"install", "sync", "add"}),
    "uv": (Installer.UV_SYNC, {"sync", "add"}),
}
_LOCKED = frozenset({"--locked", "--frozen", "--deploy", "--frozen-lockfile"})


def apply_project_install(execution: Execution, state: StageState, group: int) -> bool:
    """Record what conda, uv sync, poetry, pipenv or pdm installs; False for other programs."""
    words = execution.words
    verb = _verb(words)
    if execution.program in _CONDA:
        apply_conda(execution, state, group, verb)
        return True
    tool = _PROJECT_TOOLS.get(execution.program)
    if tool is None or verb not in tool[1]:
        return False
    installer = Installer.UV_ADD if verb == "add" and execution.program == "uv" else tool[0]
    draft = _project_environment(execution, installer, state)
    locked = bool(_LOCKED & set(words)) or (
        installer in (Installer.POETRY, Installer.PIPENV) and verb in ("install", "sync")
    )
    draft.installs.append(
        opaque_install(
            execution,
            state.index,
            group,
            installer,
            f"what {execution.program} {verb} installs is in a project or lock file",
            locked=locked,
        )
    )
    return True


def _verb(words: Iterable[str]) -> str | None:
    return next((word for word in words if word and not word.startswith("-")), None)


def _project_environment(
    execution: Execution, installer: Installer, state: StageState
) -> EnvironmentDraft:
    """The environment that a project tool installs into."""
    environments = state.environments
    if installer.is_uv:
        active = execution.activated or execution.lookup("VIRTUAL_ENV")
        if "--active" in execution.words and active:
            return environments.activated(active)
        prefix = execution.lookup("UV_PROJECT_ENVIRONMENT")
        if isinstance(prefix, Unknown):
            return environments.unknown(str(prefix))
        place = execution.resolve(prefix or _project_folder(execution))
        if isinstance(place, Unknown):
            return environments.unknown(str(place))
        if not prefix:
            place = posixpath.join(place, ".venv")
        if place in environments.drafts or place == "/usr/local":
            return (
                environments.activated(place)
                if place != "/usr/local"
                else (environments.on_path(execution.lookup("PATH"), None))
            )
        python = _requested_python(execution)
        return environments.venv(place, python, execution.location, system_site=False)
    if installer is Installer.PIPENV and "--system" in execution.words:
        return environments.on_path(execution.lookup("PATH"), None)
    create = execution.lookup("POETRY_VIRTUALENVS_CREATE")
    if create is None:
        create = state.pip_settings.get("poetry:virtualenvs.create")
    if (
        installer is Installer.POETRY
        and isinstance(create, str)
        and create.lower()
        in (
            "false",
            "0",
        )
    ):
        return environments.on_path(execution.lookup("PATH"), None)
    active = execution.activated or execution.lookup("VIRTUAL_ENV")
    if isinstance(active, str) and active:
        return environments.activated(active)
    return environments.unknown(f"the environment that {installer.value} makes")


def _project_folder(execution: Execution) -> str:
    words = execution.words
    for option in ("--directory", "--project"):
        if option in words[:-1]:
            return words[words.index(option) + 1]
    return "."


def _requested_python(execution: Execution) -> Python | Unknown:
    words = execution.words
    for option in ("--python", "-p"):
        if option in words[:-1]:
            found = python_version(words[words.index(option) + 1])
            if found is not None:
                return Python(found, "uv", Origin.UV, externally_managed=False)
    return Unknown("uv chooses the Python by the project's requires-python")
