"""Uses of variables while a stage is read in, those that are certainly empty out."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import DEFAULTING, Lookup, expand_docker
from mllint.facts.reading.build import Build
from mllint.facts.stage_state import LostVariable, StageState, UndefinedVariable
from mllint.parse.shell import Parameter, Word
from mllint.parse.source import Location


@dataclass(slots=True, eq=False, repr=False)
class EmptyVariables:
    """The empty variables of one stage, as they are met.

    undefined: an ARG before FROM has the name. lost: the shell of a RUN above had set it.
    """

    build: Build
    state: StageState
    undefined: list[UndefinedVariable] = field(default_factory=list)
    lost: list[LostVariable] = field(default_factory=list)

    def note(self, name: str, location: Location, text: str, program: str | None = None) -> None:
        """Note a variable without a value, if an ARG before FROM has its name."""
        declared = self.build.global_args.get(name)
        if declared is not None and name not in self.state.args:
            undefined = UndefinedVariable(name, location, declared[1], text, program)
            if undefined not in self.undefined:
                self.undefined.append(undefined)

    def note_run(self, done: tuple[Execution, ...]) -> None:
        """Note those that the commands of a RUN use."""
        names = self.build.global_args.keys() - self.state.args.keys()
        if not names:
            return
        for run in done:
            for name, word in _undefined_uses(run, names):
                place = Location(run.location.path, word.span)
                self.note(name, place, word.text, run.program)

    def note_env(self, text: str, place: Location, lookup: Lookup) -> None:
        """Note the variables of an ENV's value that only the shell of a RUN above has set."""

        def unset(name: str) -> None:
            if name in self.state.shell_variables:
                self.lost.append(LostVariable(name, place, self.state.shell_variables[name]))

        if self.state.shell_variables and "$" in text:
            expand_docker(text, lookup, self.build.dockerfile.escape, unset)


def _undefined_uses(run: Execution, names: Set[str]) -> Iterator[tuple[str, Word]]:
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
