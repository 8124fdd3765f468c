"""ENV and ARG of a stage in, the value of a variable at any of its instructions out.

A command is asked for its variables again when the stage has been read; what a later ENV sets
must not answer then.
"""

from dataclasses import dataclass, field

from mllint.facts.commands.shell_variables import ShellVariables
from mllint.facts.commands.variables import Lookup, Value
from mllint.facts.environments.interpreters import UNKNOWN_PATH
from mllint.facts.reading.build import Build
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown


@dataclass(slots=True, eq=False, repr=False)
class StageVariables:
    """The variables of the state, with what they were before this stage changed them."""

    build: Build
    state: StageState
    _changes: ShellVariables = field(default_factory=ShellVariables)
    _before: dict[str, Value | None] = field(default_factory=dict)

    def set_env(self, name: str, value: Value) -> None:
        """`ENV name=value`."""
        self._keep(name)
        self.state.env[name] = value
        self._changes.set(name, self.state.variable(name))

    def set_arg(self, name: str, value: Value) -> None:
        """`ARG name=value`, which an ENV of that name hides."""
        self._keep(name)
        self.state.args[name] = value
        self._changes.set(name, self.state.variable(name))

    def _keep(self, name: str) -> None:
        if name not in self._before:
            self._before[name] = self.state.variable(name)

    def lookup(self, name: str) -> Value | None:
        """A variable's value behind the instructions read so far."""
        return self._told(name, self.state.variable(name))

    def now(self) -> Lookup:
        """What looks a variable up as it is now, whatever is set later."""
        moment = self._changes.now()

        def look(name: str) -> Value | None:
            changed = moment.get(name)
            if changed is not None:
                return self._told(name, changed[0])
            if name in self._before:
                return self._told(name, self._before[name])
            return self.lookup(name)

        return look

    def _told(self, name: str, value: Value | None) -> Value | None:
        if name == "PATH":
            return UNKNOWN_PATH if value is None or isinstance(value, Unknown) else value
        return self.build.spend(value)
