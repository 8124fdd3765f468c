"""Steps as builders name them in, lines of the Dockerfile out; keeps the end of their output."""

import posixpath
from collections import deque
from dataclasses import dataclass, field

from mllint.parse.dockerfile import Dockerfile, Instruction
from mllint.regex import lazy

_KEPT_LINES = 60
_LONGEST_LINE = 2_000
_KEPT_STEPS = 200
_BUILDKIT = lazy(
    r"\[(?:(?P<stage>[^\]\[]*?)[ ])?(?P<index>\d+)/\d+\][ ](?P<text>.*)",  # `[build 2/4] RUN make`
    16,  # re.DOTALL
)
_UNNAMED = lazy(r"stage-(?P<index>\d+)")
_METADATA = lazy(r"\[(?:.* )?internal\] load metadata for (?P<image>\S+)")
_VARIABLE = lazy(r"\$(?:\{[^}]*\}|\w+|.)?")
_REGISTRY = ("docker.io/library/", "docker.io/")


@dataclass(slots=True)
class StepPlaces:
    """Where the steps of one build stand in its Dockerfile."""

    dockerfile: Dockerfile
    _stages: list[tuple[str | None, list[Instruction]]] = field(init=False)
    _known: dict[str, int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stages = []
        for instruction in self.dockerfile.instructions:
            if instruction.keyword == "FROM":
                words = [word.text for word in instruction.words()]
                named = len(words) >= 3 and words[1].lower() == "as"
                self._stages.append((words[2].lower() if named else None, [instruction]))
            elif self._stages:
                self._stages[-1][1].append(instruction)

    def of_buildkit(self, name: str) -> int | None:
        """The line of the step that BuildKit calls `name`; None for a step of its own."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def of_classic(self, number: int, text: str) -> int | None:
        """The line of the classic builder's step `number`, from 1 on: it counts instructions."""
        instructions = self.dockerfile.instructions
        keyword = text.partition(" ")[0].upper()
        # Podman counts from the first FROM on, and within the stage.
        if 0 < number <= len(instructions) and instructions[number - 1].keyword == keyword:
            return instructions[number - 1].span.line
        squeezed = _squeezed(text)
        same = (each for each in instructions if _squeezed(_written(each)) == squeezed)
        return next((each.span.line for each in same), None)

    def of_image(self, image: str) -> int | None:
        """The line of the first FROM, or COPY --from, that names the image."""
        plain = _plain_image(image)
        for _, instructions in self._stages:
            words = [word.text for word in instructions[0].words()]
            if words and _plain_image(words[0]) == plain:
                return instructions[0].span.line
        for instruction in self.dockerfile.instructions:
            source = instruction.flag("from")
            if source and _plain_image(source) == plain:
                return instruction.span.line
        return None

    def _find(self, name: str) -> int | None:
        metadata = _METADATA.match(name)
        if metadata:
            return self.of_image(metadata["image"])
        match = _BUILDKIT.match(name)
        if match is None:
            return None
        instructions = self._instructions(match["stage"])
        counted = [each for each in instructions if self._counts(each)]
        index = int(match["index"]) - 1
        here = counted[index] if 0 <= index < len(counted) else None
        text = _squeezed(match["text"])
        same = [each for each in instructions if _may_be_named(each, text)]
        if here in same or not same:
            # A relative WORKDIR is named by its absolute path.
            keyword = text.partition(" ")[0].upper()
            return here.span.line if here is not None and here.keyword == keyword else None
        near = here.span.line if here is not None else 0
        return min((each.span.line for each in same), key=lambda line: abs(line - near))

    def _counts(self, instruction: Instruction) -> bool:
        """Whether BuildKit gives it a number: `WORKDIR /` is no step, nor is FROM a stage."""
        if instruction.keyword == "FROM":
            words = [word.text for word in instruction.words()]
            return bool(words) and words[0].lower() not in (name for name, _ in self._stages)
        if instruction.keyword == "WORKDIR":
            return instruction.text.strip("\"'") != "/"
        return instruction.keyword in ("RUN", "COPY", "ADD")

    def _instructions(self, stage: str | None) -> list[Instruction]:
        """Of the stage that a name tells: `build`, `stage-1`, `linux/arm64 build`, none."""
        last = (stage or "").rpartition(" ")[2].lower()
        for name, instructions in self._stages:
            if name == last and last:
                return instructions
        unnamed = _UNNAMED.fullmatch(last)
        index = int(unnamed["index"]) if unnamed else len(self._stages) - 1
        return self._stages[index][1] if 0 <= index < len(self._stages) else []


@dataclass(slots=True)
class Tails:
    """The last lines of each step; those of the oldest steps are forgotten."""

    _lines: dict[str, deque[str]] = field(default_factory=dict)

    def add(self, step: str, text: str) -> None:
        """One line that the step printed."""
        if step not in self._lines:
            self._lines[step] = deque(maxlen=_KEPT_LINES)
            if len(self._lines) > _KEPT_STEPS:
                del self._lines[next(iter(self._lines))]
        if len(text) > _LONGEST_LINE:
            text = text[:_LONGEST_LINE] + "…"
        self._lines[step].append(text)

    def of(self, step: str) -> tuple[str, ...]:
        """What is kept of the step."""
        return tuple(self._lines.get(step, ()))


def _written(instruction: Instruction) -> str:
    flags = [
        f"--{f.name}" if f.value is None else f"--{f.name}={f.value}" for f in instruction.flags
    ]
    return " ".join((instruction.keyword, *flags, instruction.text))


def _may_be_named(instruction: Instruction, name: str) -> bool:
    """Whether BuildKit may call it so: variables may be replaced by what they hold, or nothing."""
    text = _squeezed(_written(instruction))
    pieces = [piece.strip() for piece in _VARIABLE.split(text)]
    if len(pieces) == 1:
        return text == name
    first, *middle, last = pieces
    if not (name.startswith(first) and name.endswith(last)):
        return False
    begin, end = len(first), len(name) - len(last)
    for piece in middle:
        begin = name.find(piece, begin, end)
        if begin < 0:
            return False
        begin += len(piece)
    return begin <= end


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _plain_image(name: str) -> str:
    """`docker.io/library/python:3.11@sha256:…` as a Dockerfile names it: `python:3.11`."""
    name = name.partition("@")[0]
    for prefix in _REGISTRY:
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            break
    has_tag = ":" in posixpath.basename(name)
    return name if has_tag else f"{name}:latest"
