"""A uv command in, the environment that uv chooses out."""

import posixpath

from mllint.facts.commands.executions import Execution
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.environments.programs import python_version
from mllint.facts.installs.install import InstallOptions
from mllint.facts.installs.pip_command import PipCommand
from mllint.facts.stage_state import StageState


def uv_environment(
    execution: Execution, command: PipCommand, options: InstallOptions, state: StageState
) -> EnvironmentDraft | None:
    """The environment: --python, --system, VIRTUAL_ENV, CONDA_PREFIX, then `.venv` upwards."""
    environments = state.environments
    python = command.last("--python")
    path = execution.lookup("PATH")
    if isinstance(python, str):
        if "/" in python:
            prefix = execution.resolve(python)
            if isinstance(prefix, str) and "/bin/" in prefix:
                return environments._at(prefix, None)
            return environments.activated(prefix)
        version = python_version(python)
        if version is None:
            return environments.unknown(f"uv chooses a Python for {python}")
        return environments.on_path(path, f"{version.major}.{version.minor}")
    if options.system:
        return environments.on_path(path, None)
    if execution.activated is not None:
        return environments.activated(execution.activated)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        value = execution.lookup(name)
        if isinstance(value, str) and value:
            return environments.activated(value)
    folder = execution.workdir
    while isinstance(folder, str):
        if posixpath.join(folder, ".venv") in environments.drafts:
            return environments.drafts[posixpath.join(folder, ".venv")]
        if folder in ("/", ""):
            break
        folder = posixpath.dirname(folder)
    return environments.on_path(path, None)
