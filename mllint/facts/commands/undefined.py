"""An execution in, the uses of given variables that are certainly empty out."""

from collections.abc import Iterator, Set

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import DEFAULTING
from mllint.parse.shell import Parameter, Word


def undefined_uses(run: Execution, names: Set[str]) -> Iterator[tuple[str, Word]]:
    """(name, word) for each plain use of one of `names` that expands to nothing."""
    command = run.command
    words = (
        *command.argv,
        *(word for _, word in command.assignments),
        *(redirect.target for redirect in command.redirects),
    )
    for word in words:
        for name in _names(word):
            if name in names and run.lookup(name) is None:
                yield name, word


def _names(word: Word) -> Iterator[str]:
    for part in word.parts:
        if isinstance(part, Parameter) and part.operator not in DEFAULTING:
            yield part.name
