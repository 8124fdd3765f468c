"""A stage in, its installs whose failure the RUN does not notice, out."""

from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.exit_status import Masked, masked_failures
from mllint.facts.installs.pip_installs import pip_arguments
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import manager_verb

_VERBS = {
    "conda": ("install", "create", "env", "update"),
    "mamba": ("install", "create", "env", "update"),
    "micromamba": ("install", "create", "env"),
    "uv": ("sync", "add"),
    "poetry": ("install", "sync"),
    "pipenv": ("install", "sync"),
    "pdm": ("install", "sync"),
}


def masked_installs(stage: Stage) -> Iterator[Masked]:
    """The first install of each RUN whose failure is lost though nothing says it may fail."""
    for run in stage.runs:
        for masked in masked_failures(run):
            if is_install(masked.execution) and not masked.on_purpose:
                yield masked
                break


def is_install(execution: Execution) -> bool:
    """Whether a command installs packages, of Python or of the distribution."""
    pip = pip_arguments(execution)
    if pip is not None:
        return pip[1] in ("install", "sync")
    verb = manager_verb(execution)
    if verb is not None:
        return verb in ("install", "add")
    return next(iter(execution.words), "") in _VERBS.get(execution.program, ())
