"""A RUN in, the `[ … ] && command` at its end, out: it fails the RUN when the test does."""

from mllint.facts.commands.executions import Execution
from mllint.facts.stage import Stage
from mllint.facts.stage_state import Run
from mllint.named_tuple import NamedTuple
from mllint.parse.shell import Guard, Parameter, Substitution

_TESTS = frozenset({"[", "[[", "test"})
_APART = frozenset(
    {Guard.BRANCH, Guard.LOOP, Guard.FUNCTION, Guard.SUBSTITUTION, Guard.CONDITION, Guard.PIPED}
    | {Guard.BACKGROUND, Guard.NEGATED, Guard.AFTER_OR, Guard.BEFORE_OR}
)
# `[ -s model.bin ] && echo ok`: whoever writes that wants the build to stop.
_SAYING = frozenset({"echo", "printf", "true", ":", "cat", "ls"})


class ClosingTest(NamedTuple):
    """The test of a variable, and the last command of the RUN, which hangs on it."""

    test: Execution
    last: Execution


def closing_test(run: Run, stage: Stage) -> ClosingTest | None:
    """The test at the end of a RUN whose failure fails it; None where there is none.

    The test is of an ARG or ENV: one of a file, or of what a command said, is to stop the build.
    """
    if not run.executions:
        return None
    last = run.executions[-1]
    guards = last.command.guards
    if Guard.AFTER_AND_TEST not in guards or guards & _APART or last.command.scope:
        return None
    done = run.executions
    start = len(done) - 1
    while start > 0 and done[start].command.connector == "&&":
        start -= 1
    tests = [execution for execution in done[start:-1] if execution.program in _TESTS]
    behind = done[done.index(tests[-1]) + 1 :] if tests else ()
    if not tests or all(execution.program in _SAYING for execution in behind):
        return None
    return ClosingTest(tests[-1], last) if _asks_variable(tests[-1], stage) else None


def _asks_variable(test: Execution, stage: Stage) -> bool:
    """Whether the test is of what the user of the file sets: `[ "$GPU" = 1 ]`, `[ -n "$X" ]`."""
    words = test.command.argv[1:]
    if {"-f", "-e", "-d", "-s", "-x", "-r", "-w", "-h", "-L"} & {word.text for word in words}:
        return False
    parts = [part for word in words for part in word.parts]
    if any(isinstance(part, Substitution) for part in parts):
        return False
    names = {part.name for part in parts if isinstance(part, Parameter)}
    return bool(names) and names <= {*stage.env, *(variable.name for variable in stage.variables)}
