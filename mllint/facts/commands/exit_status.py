"""A RUN in, which of its commands may fail without failing it, out.

The status of a list is that of its last command, and so is that of a pipeline, unless the shell
was told otherwise.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.run_scripts import shell_options
from mllint.facts.stage_state import Run
from mllint.parse.shell import Guard

# What runs there may not be followed by what stands behind it, or has no status of its own.
_APART = frozenset({Guard.BRANCH, Guard.LOOP, Guard.FUNCTION, Guard.SUBSTITUTION, Guard.CONDITION})

# `pip install x; exit 0`: nobody wants to know.
_CARELESS = frozenset({"true", ":", "exit"})

# Their own failure does not count, or what becomes of it is another command's matter.
_UNASKED = frozenset({Guard.NEGATED, Guard.BACKGROUND, Guard.SUBSTITUTION, Guard.FUNCTION})


class Masked(NamedTuple):
    """A command whose failure is lost: the RUN goes on with, and takes its status from, `by`.

    piped: `by` reads its output (`pip install x | tee log`); else it stands behind `;`.
    """

    execution: Execution
    by: Execution
    piped: bool

    @property
    def on_purpose(self) -> bool:
        """Whether what stands behind `;` is there to succeed."""
        return self.by.program in _CARELESS


def masked_failures(run: Run) -> Iterator[Masked]:
    """The commands of a RUN whose failure does not fail it though nothing says so, in order."""
    options = _option_states(run)
    follower, reader = _followers(run), _readers(run)
    for position, execution in enumerate(run.executions):
        guards = execution.command.guards
        if execution.tolerated or guards & _UNASKED:
            continue
        if Guard.PIPED in guards:
            end = reader[position]
            if end is not None and "pipefail" not in options[position]:
                yield Masked(execution, end, piped=True)
            continue
        last = follower[position]
        if last is not None and "errexit" not in options[position]:
            yield Masked(execution, last, piped=False)


def failure_counts(run: Run) -> Callable[[Execution], bool]:
    """What tells of a command of the RUN whether the RUN fails when it does."""
    lost = {id(masked.execution) for masked in masked_failures(run)}

    def counts(execution: Execution) -> bool:
        return not (execution.tolerated or execution.conditional or id(execution) in lost)

    return counts


def forgiven_failures(run: Run) -> Iterator[Execution]:
    """The commands of a RUN whose failure is lost on purpose: `pip install x; true`."""
    return (masked.execution for masked in masked_failures(run) if masked.on_purpose)


def _option_states(run: Run) -> list[frozenset[str]]:
    """The shell options at each command, `set -e` and nested shells with flags counted in."""
    states: list[frozenset[str]] = []
    current = run.shell_options
    for execution in run.executions:
        if execution.program in ("set", "bash", "sh", "shopt"):
            words = execution.words
            if execution.program != "set":  # bash -ec "…": its own words, not those it runs
                words = tuple(word for word in words if " " not in word)
            current |= shell_options(words)
        states.append(current)
    return states


def _followers(run: Run) -> list[Execution | None]:
    """For each command the last one behind a `;` that runs after it, whatever became of it."""
    found: list[Execution | None] = [None] * len(run.executions)
    last: Execution | None = None
    for position in range(len(run.executions) - 1, -1, -1):
        command = run.executions[position].command
        found[position] = last
        if last is None and command.connector == ";" and not command.guards & _APART:
            last = run.executions[-1]
    return found


def _readers(run: Run) -> list[Execution | None]:
    """For each command that stands in a pipe the last command of its pipeline."""
    found: list[Execution | None] = [None] * len(run.executions)
    last: Execution | None = None
    for position in range(len(run.executions) - 1, -1, -1):
        execution = run.executions[position]
        guards = execution.command.guards
        if Guard.PIPED not in guards:
            last = execution if execution.command.connector == "|" else None
            continue
        found[position] = last
        if execution.command.connector != "|":
            last = None
    return found
