"""A RUN in, which of its commands may fail without failing it, out.

The status of a list is that of its last command, and so is that of a pipeline, unless the shell
was told otherwise.
"""

from collections.abc import Callable, Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.shell_states import Scope, ShellStates, shell_states
from mllint.facts.stage_state import Run
from mllint.named_tuple import NamedTuple
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
    caught: by a `|| true` that is meant for `by` (`pip install x && rm y || true`).
    """

    execution: Execution
    by: Execution
    piped: bool
    caught: bool = False

    @property
    def on_purpose(self) -> bool:
        """Whether what stands behind `;` is there to succeed."""
        return self.by.program in _CARELESS


def masked_failures(run: Run) -> Iterator[Masked]:
    """The commands of a RUN whose failure does not fail it though nothing says so, in order."""
    options = shell_states(run)
    masked, reader = _hidden(run, options, _APART), _readers(run)
    for position, execution in enumerate(run.executions):
        guards = execution.command.guards
        if execution.tolerated or guards & _UNASKED:
            continue
        if Guard.PIPED in guards and "pipefail" not in options[position][-1]:
            end = reader[position]
            if end is not None:
                yield Masked(execution, end, piped=True)
            continue
        if masked[position]:
            yield Masked(execution, run.executions[-1], piped=False)


def failure_counts(run: Run) -> Callable[[Execution], bool]:
    """What tells of a command of the RUN whether the RUN fails when it does."""
    lost = {id(masked.execution) for masked in masked_failures(run)}
    # `pip install x; if y; then z; fi`: what follows may not run, and then nobody knows.
    doubtful = _hidden(run, shell_states(run), frozenset())
    lost |= {id(run.executions[i]) for i, hidden in enumerate(doubtful) if hidden}

    def counts(execution: Execution) -> bool:
        if execution.command.guards & _UNASKED or id(execution) in lost:
            return False
        return not (execution.tolerated or execution.conditional)

    return counts


def forgiven_failures(run: Run) -> Iterator[Execution]:
    """The commands of a RUN whose failure is lost on purpose: `pip install x; true`."""
    return (masked.execution for masked in masked_failures(run) if masked.on_purpose)


def _hidden(run: Run, options: list[ShellStates], apart: frozenset[Guard]) -> list[bool]:
    """For each command whether something behind it, in its shell or one around, hides its failure.

    apart: where what stands hides nothing, since it may not run.
    In `(pip install x; a) && b; c` the `a` does, and the `c`; under `set -e` neither, but what
    stands before `&&` never ends a shell.
    """
    levels = _levels(run)
    found = [False] * len(run.executions)
    followed: set[Scope] = set()
    asked: dict[Scope, str] = {}  # the connector behind, at each level
    for position in range(len(run.executions) - 1, -1, -1):
        command = run.executions[position].command
        ignored = False  # behind a `&&` of a shell around, errexit means nothing within
        for depth, states in enumerate(options[position]):
            scope = command.scope[:depth]
            ignored = ignored or asked.get(scope) == "&&"
            if scope in followed and (ignored or "errexit" not in states):
                found[position] = True
        level = levels[position]
        inside = Guard.SUBSTITUTION in command.guards
        if (command.connector == ";" or inside) and not command.guards & apart:
            followed.add(level)
        if command.connector != "|" and not inside:
            asked[level] = command.connector
    return found


def _levels(run: Run) -> list[Scope]:
    """The shell whose list each command stands in: of the first of a subshell, the one around."""
    seen: set[Scope] = {()}
    found = []
    for execution in run.executions:
        level = execution.command.scope
        while level not in seen:
            seen.add(level)
            level = level[:-1]
        found.append(level)
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
