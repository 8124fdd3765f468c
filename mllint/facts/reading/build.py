"""What all stages of one Dockerfile share while they are read; mutable, private to facts."""

from dataclasses import dataclass, field

from mllint.facts.commands.filesystem import Context, Layer
from mllint.facts.commands.variables import Value, expand_docker
from mllint.facts.installs.requirement_files import RequirementReader
from mllint.facts.reading.finished_stages import stage_named
from mllint.facts.stage import Stage
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown
from mllint.finding import Unchecked
from mllint.parse.dockerfile import Dockerfile, Instruction
from mllint.parse.source import Location
from mllint.tables import Tables

_LONG = 4096
_SPENDING_LIMIT = 32 * 1024 * 1024
"""Characters of values longer than `_LONG` that the lines of one Dockerfile may take in."""


@dataclass(slots=True, eq=False, repr=False)
class Build:
    """What all stages of one Dockerfile share while they are read.

    global_args: ARGs before the first FROM with their values; None when there is no default and
    no --build-arg. finished: the stages read so far. contexts: what the build supplies under a
    name, in lower case.
    """

    dockerfile: Dockerfile
    build_args: dict[str, Value]
    platform: str
    context: Context | None
    reader: RequirementReader
    tables: Tables
    contexts: dict[str, Value] = field(default_factory=dict)
    global_args: dict[str, tuple[Value | None, Location]] = field(default_factory=dict)
    finished: list[Stage] = field(default_factory=list)
    states: list[StageState] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)
    groups: int = 0
    spent: int = 0  # characters of long values that were looked up

    def stage_index(self, name: str) -> int | None:
        """The index of the finished stage with that name or number."""
        stage = stage_named(self.finished, name)
        return stage.index if stage is not None else None

    def supplied(self, name: str) -> Value | None:
        """What the build puts in place of a stage or image of that name; None when nothing."""
        return self.contexts.get(name.lower().removesuffix(":latest")) if self.contexts else None

    def layers_of(self, index: int) -> tuple[Layer, ...]:
        """The layers of a finished stage."""
        return self.finished[index].layers

    def spend(self, value: Value | None) -> Value | None:
        """The value of a variable; Unknown when long ones were asked for too often already.

        A thousand lines `ENV B=x$A` behind a long A are a thousand long values.
        """
        if isinstance(value, str) and len(value) > _LONG:
            self.spent += len(value)
            if self.spent > _SPENDING_LIMIT:
                return Unknown("the long values of this file are too many to be read")
        return value

    def arg_value(self, name: str, default: Value | None) -> Value | None:
        """The value of an ARG: --build-arg first, then its default."""
        return self.build_args.get(name, default)

    def expand_global(self, text: str) -> Value:
        """A word before or in FROM: only ARGs before the first FROM are in scope there."""

        def look(name: str) -> Value | None:
            if name in self.global_args:
                value = self.global_args[name][0]
                return Unknown(f"ARG {name} has no default") if value is None else value
            return predefined(name, self.platform)

        return expand_docker(text, look, self.dockerfile.escape)


def predefined(name: str, platform: str) -> str | None:
    """BuildKit's automatic platform ARGs for one platform such as `linux/arm64/v8`."""
    system, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    values = {
        "PLATFORM": platform,
        "OS": system,
        "ARCH": architecture,
        "VARIANT": variant,
    }
    for prefix in ("TARGET", "BUILD"):
        if name.startswith(prefix):
            return values.get(name.removeprefix(prefix))
    return None


def env_pairs(instruction: Instruction, path: str) -> list[tuple[str, str, Location]]:
    """The (name, value as written, location) pairs of an ENV, in either of its two forms."""
    words = list(instruction.words())
    if not words:
        return []
    if "=" not in words[0].text:  # ENV NAME the whole rest
        rest = instruction.text[len(words[0].text) :].strip()
        place = Location(path, instruction.span)
        return [(words[0].text, rest, place)]
    pairs = []
    for word in words:
        name, _, value = word.text.partition("=")
        pairs.append((name, value, Location(path, word.span(0, len(word.text)))))
    return pairs
