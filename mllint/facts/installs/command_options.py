"""The words of uv sync, poetry, pdm and pipenv in, their options and values out."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import Argument, Value
from mllint.facts.unknown import Unknown


@dataclass(slots=True, eq=False, repr=False)
class CommandOptions:
    """The options of one command: with their values, switches, and the words that are neither."""

    values: dict[str, list[Value]] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)
    words: list[Argument] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        """Whether one of these switches was given."""
        return not self.switches.isdisjoint(names)

    def last(self, *names: str) -> Value | None:
        """The value of the last use of an option, None when it was not given."""
        found = [value for name in names for value in self.values.get(name, ())]
        return found[-1] if found else None

    def names(self, *options: str) -> list[str] | Unknown:
        """All names that options list, `-E "a b,c"` taken apart; Unknown when one is."""
        found: list[str] = []
        for option in options:
            for value in self.values.get(option, ()):
                if isinstance(value, Unknown):
                    return value
                found += value.replace(",", " ").split()
        return found


def read_options(execution: Execution, valued: frozenset[str]) -> CommandOptions:
    """The options of a command; `valued` are those that take a value, short ones of one letter."""
    options = CommandOptions()
    arguments = iter(execution.arguments)
    for argument in arguments:
        text = argument.text
        if not text.startswith("-") or text == "-":
            options.words.append(argument)
            continue
        name, equals, value = text.partition("=")
        if not text.startswith("--") and len(name) > 2 and name[:2] in valued:  # -Egpu
            _add(options, name[:2], argument, text[2:])
        elif name not in valued:
            options.switches.add(name)
        elif equals:
            _add(options, name, argument, value)
        else:
            _add_next(options, name, arguments)
    return options


def _add(options: CommandOptions, name: str, argument: Argument, text: str) -> None:
    value = argument.value if isinstance(argument.value, Unknown) else text
    options.values.setdefault(name, []).append(value)


def _add_next(options: CommandOptions, name: str, arguments: Iterator[Argument]) -> None:
    following = next(arguments, None)
    if following is not None:
        options.values.setdefault(name, []).append(following.value)
