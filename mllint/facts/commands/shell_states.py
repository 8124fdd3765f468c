"""A RUN in, the options of the shells around each of its commands out: errexit and pipefail."""

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.run_scripts import shell_options
from mllint.facts.stage_state import Run
from mllint.parse.shell import SHELLS

Scope = tuple[int, ...]
ShellStates = tuple[frozenset[str], ...]
"""The options of the script's own shell, then those of each subshell around a command."""

_NAMES = frozenset({"errexit", "pipefail"})


def shell_states(run: Run) -> list[ShellStates]:
    """The options at each command, `set -e`, `set +e` and nested shells with flags counted in."""
    current: dict[Scope, frozenset[str]] = {(): run.shell_options}
    started: dict[Scope, frozenset[str]] = {}  # of the next shell within, by `bash -ec "…"`
    found = []
    for execution in run.executions:
        scope = execution.command.scope
        for depth in range(1, len(scope) + 1):
            inner = scope[:depth]
            if inner not in current:
                outer = inner[:-1]
                current[inner] = started.pop(outer, current[outer])
        found.append(tuple(current[scope[:depth]] for depth in range(len(scope) + 1)))
        started.pop(scope, None)
        if execution.program == "set" and not execution.conditional:
            current[scope] = _after_set(execution, current[scope])
        elif execution.program in SHELLS:
            # Its own words, not those of the script that it runs.
            words = tuple(word for word in execution.words if " " not in word)
            started[scope] = shell_options(words)
    return found


def _after_set(execution: Execution, options: frozenset[str]) -> frozenset[str]:
    """The options behind `set -eo pipefail`, `set +e`, `set +o pipefail`."""
    sign = ""
    for word in execution.words:
        if word == "--":
            break
        if word[:1] in ("-", "+") and len(word) > 1:
            sign = word[0]
            named = {"errexit"} if "e" in word else set()
        else:
            named = {word} & _NAMES
        options = options | named if sign == "-" else options - named
    return options
