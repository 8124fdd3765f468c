"""A stage in, its installs whose failure the RUN does not notice, out."""

from collections.abc import Iterator
from itertools import islice

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.exit_status import Masked, masked_failures
from mllint.facts.installs.pip_installs import pip_arguments
from mllint.facts.stage import Stage
from mllint.facts.stage_state import Run
from mllint.facts.system.system_packages import manager_verb
from mllint.parse.shell import Guard

# `rm -rf x || true`: that it may fail is on purpose.
_CLEANING = frozenset({"rm", "rmdir", "find"})
_NOTHING = frozenset({"true", ":"})
_CAUGHT = frozenset({Guard.BEFORE_OR})

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
        else:
            yield from islice(_caught_installs(run), 1)


def _caught_installs(run: Run) -> Iterator[Masked]:
    """The installs whose failure is caught though the `|| true` is meant for a cleaning command.

    `pip install x && find … || true`: `&&` and `||` bind alike, so it catches all before it.
    """
    cleaning: Execution | None = None  # what stands before the `|| true`, with `&&` up to it
    follower: Execution | None = None
    for execution in reversed(run.executions):
        if follower is not None and follower.command.scope == execution.command.scope:
            connector = follower.command.connector
            if connector == "||" and follower.program in _NOTHING:
                cleaning = execution if execution.program in _CLEANING else None
            elif connector != "&&":
                cleaning = None
        else:
            cleaning = None
        follower = execution
        if cleaning is not None and execution.command.guards == _CAUGHT and is_install(execution):
            yield Masked(execution, cleaning, piped=False, caught=True)


def is_install(execution: Execution) -> bool:
    """Whether a command installs packages, of Python or of the distribution."""
    pip = pip_arguments(execution)
    if pip is not None:
        return pip[1] in ("install", "sync")
    verb = manager_verb(execution)
    if verb is not None:
        return verb in ("install", "add")
    return next(iter(execution.words), "") in _VERBS.get(execution.program, ())
