"""Executions of conda, uv, poetry, pipenv and pdm in, installs by the right reader out."""

from collections.abc import Callable

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Located
from mllint.facts.environments.programs import operands
from mllint.facts.installs.install import Installer, opaque_install
from mllint.facts.installs.requirement_files import RequirementReader
from mllint.facts.stage_state import StageState

_CONDA = frozenset({"conda", "mamba", "micromamba"})
_PROJECT_TOOLS = {
    "poetry": (Installer.POETRY, {"install", "sync", "add", "update"}),
    "pipenv": (Installer.PIPENV, {"install", "sync", "update"}),
    "pdm": (Installer.PDM, {"install", "sync", "add"}),
}
# Options with a value that stand before the sub-command.
_VALUED = frozenset(
    {"--directory", "--project", "-C", "-P", "--cache-dir", "--config-file", "--color", "-r"}
    | {"--root-prefix", "--rc-file"}
)


def apply_project_install(
    execution: Execution,
    state: StageState,
    group: int,
    reader: RequirementReader,
    locate: Callable[[str], Located | None],
) -> bool:
    """Record what conda, uv sync, poetry, pipenv or pdm installs; False for other programs."""
    words = execution.words
    verb = _verb(words)
    if execution.program in _CONDA:
        from mllint.facts.installs.conda_installs import apply_conda

        apply_conda(execution, state, group, verb, reader, locate)
        return True
    if execution.program == "uv" and verb in ("sync", "add"):
        from mllint.facts.installs.uv_sync import apply_uv_add, apply_uv_sync

        apply = apply_uv_sync if verb == "sync" else apply_uv_add
        apply(execution, state, group, reader, locate)
        return True
    tool = _PROJECT_TOOLS.get(execution.program)
    if tool is None or verb not in tool[1]:
        return False
    # Imported for those who use them: most Dockerfiles install with pip alone.
    from mllint.facts.installs.pipenv_installs import apply_pipenv
    from mllint.facts.installs.poetry_installs import apply_group_install
    from mllint.facts.installs.project_environments import project_environment

    installer = tool[0]
    if verb in ("install", "sync") and installer in (Installer.POETRY, Installer.PDM):
        apply_group_install(execution, installer, state, group, reader, locate)
    elif verb in ("install", "sync") and installer is Installer.PIPENV:
        apply_pipenv(execution, state, group, reader, locate)
    else:
        draft = project_environment(execution, installer, state, None, None)
        reason = f"what {execution.program} {verb} installs is in a project or lock file"
        draft.installs.append(opaque_install(execution, state.index, group, installer, reason))
    return True


def _verb(words: tuple[str, ...]) -> str | None:
    """The sub-command: `sync` in `uv --directory /app sync`."""
    return next(filter(None, operands(words, _VALUED)), None)
