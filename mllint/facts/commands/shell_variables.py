"""Assignments of a shell in, the value of a variable at any point of its script out.

Each command remembers only how many assignments came before it, so that a script of a thousand
assignments and commands is not copied a thousand times. Knows no syntax.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

from mllint.facts.commands.operators import Value
from mllint.named_tuple import NamedTuple


@dataclass(slots=True, eq=False, repr=False)
class ShellVariables:
    """The variables of one (sub)shell; `outer`: the shell it began in, and when."""

    outer: "Moment | None" = None
    count: int = 0
    _assigned: dict[str, tuple[list[int], list[Value | None]]] = field(default_factory=dict)

    def set(self, name: str, value: Value | None) -> None:
        """Assign; None for what is certainly not set."""
        self.count += 1
        numbers, values = self._assigned.setdefault(name, ([], []))
        numbers.append(self.count)
        values.append(value)

    def now(self) -> "Moment":
        """The variables as they are now, whatever is assigned later."""
        return Moment(self, self.count)

    def at(self, name: str, count: int) -> tuple[Value | None] | None:
        """The value behind so many assignments, in a tuple; None when nobody assigned it."""
        known = self._assigned.get(name)
        position = bisect_right(known[0], count) if known is not None else 0
        return (known[1][position - 1],) if known is not None and position else None


class Moment(NamedTuple):
    """The variables of a shell behind its first `made` assignments."""

    variables: ShellVariables
    made: int

    def get(self, name: str) -> tuple[Value | None] | None:
        """The value in a tuple; None when no shell has assigned it."""
        moment: Moment | None = self
        while moment is not None:
            found = moment.variables.at(name, moment.made)
            if found is not None:
                return found
            moment = moment.variables.outer
        return None
