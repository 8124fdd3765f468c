"""A stage in, its ENV and ARG values that hold a command no shell will run, out."""

from collections.abc import Iterator

from mllint.facts.stage import Stage, Variable

# A shell evaluates these each time it is about to read a command.
_EVALUATED = frozenset({"PS1", "PS2", "PS4", "PROMPT", "PROMPT_COMMAND", "BASH_ENV", "LS_OPTIONS"})


def literal_commands(stage: Stage) -> Iterator[Variable]:
    """Each variable of the stage with `$(…)` or backquotes in its value, in order."""
    for variable in stage.variables:
        value = variable.value
        if not isinstance(value, str) or variable.name in _EVALUATED:
            continue
        substituted = "$(" in value and ")" in value.partition("$(")[2] and "$((" not in value
        if substituted or value.startswith("`") or value.count("`") > 1:
            yield variable
