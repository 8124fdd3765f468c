"""Lines of BuildKit's plain progress in, steps, their output and the final error out.

The form is that of `docker build --progress=plain` from 20.10 on: `#7 [build 2/3] RUN make`,
`#7 0.140 text`, `#7 DONE 0.2s`, then an excerpt of the Dockerfile and `ERROR: …`.
"""

import re
from dataclasses import dataclass, field

from mllint.regex import lazy
from mllint.verify.building.events import BuildFailed, BuildTimedOut, Listener, Step, StepOutput
from mllint.verify.building.steps import StepPlaces, Tails

_LINE = lazy(
    r"""
    [#](?P<number>\d+)[ ]
    (?:
        (?P<seconds>\d+\.\d+)(?:[ ](?P<output>.*))?    # what the step prints
        | DONE[ ](?P<done>[\d.]+)s
        | (?P<cached>CACHED)
        | ERROR:?[ ]?(?P<error>.*)
        | (?P<canceled>CANCELED)
        | sha256:\S+ | \.\.\.                          # of 20.10; the step goes on below
        | (?P<text>.*)                                 # its name, then what BuildKit does in it
    )
    """,
    re.VERBOSE,
)
_PLACE = lazy(r"[^\s:]+:(?P<line>\d+)")
_MARKED = lazy(r"\s*\d+ \| >>> ")
_EXIT_CODE = lazy(r"exit code: (?P<code>\d+)\s*$")
_NOISE = lazy(
    r"^(?:ERROR:\s+|error:\s+|failed to build:\s+"
    r"|failed to solve(?: with frontend dockerfile\.v0)?:\s+"
    r"|failed to create LLB definition:\s+|rpc error: code = \w+ desc = )+",
    re.IGNORECASE,
)
_ABSENT_IMAGE = lazy(
    r"^(?:(?P<image>\S+): )?(?:failed to resolve source metadata|not found|pull acc)"
)
_SYNTAX = lazy(r"(?:dockerfile|Dockerfile) parse error (?:on )?line (?P<line>\d+)")
_KEPT_TAIL = 30
_LONGEST_ERROR = 1_500


@dataclass(slots=True)
class PlainProgress:
    """Takes the lines of one build; tells `listener` of steps and output."""

    places: StepPlaces
    listener: Listener
    tails: Tails = field(default_factory=Tails)
    running: str = ""
    _names: dict[str, str] = field(default_factory=dict)
    _failed: dict[str, str] = field(default_factory=dict)
    _place: int | None = None
    _marked_line: int | None = None
    _rest: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """One line, without its end."""
        match = _LINE.fullmatch(line)
        if match is None:
            self._add_unnumbered(line)
            return
        number, name = match["number"], self._names.get(match["number"])
        if name is None:
            if match["text"] is not None:
                self._names[number] = match["text"]
                self._begin(match["text"])
        elif match["seconds"] is not None:
            text = match["output"] or ""
            self.tails.add(name, text)
            self.running = name
            self.listener(StepOutput(name, self.places.of_buildkit(name), text))
        elif match["done"] is not None or match["cached"] is not None:
            self._end(name, "cached" if match["cached"] else "done")
        elif match["error"] is not None:
            self._failed[name] = match["error"]
            self._end(name, "failed")

    def failure(self) -> BuildFailed:
        """What made the build end, from all that was printed."""
        message = self._message()
        code = _EXIT_CODE.search(message)
        line = self._place if self._marked_line else None
        if line is None:
            line = self._line_of(message)
        step = self._failed_at(line)
        output = self.tails.of(step)
        return BuildFailed(message, step, line, output, int(code["code"]) if code else None)

    def timed_out(self, seconds: float) -> BuildTimedOut:
        """That the build takes longer than it was given."""
        step = self.running
        return BuildTimedOut(seconds, step, self.places.of_buildkit(step), self.tails.of(step))

    def _failed_at(self, line: int | None) -> str:
        """The step of the line; of several that failed at once, the last one; "" for none."""
        failed = list(self._failed)
        there = (name for name in failed if self.places.of_buildkit(name) == line)
        return next(there, failed[-1] if failed else "")

    def _line_of(self, message: str) -> int | None:
        syntax = _SYNTAX.search(message)
        if syntax:
            return int(syntax["line"])
        image = _ABSENT_IMAGE.match(message)
        if image and image["image"]:
            return self.places.of_image(image["image"])
        last = next(reversed(self._failed), None)
        return self.places.of_buildkit(last) if last is not None else None

    def _message(self) -> str:
        """The last error that was printed, else that of the step."""
        for line in reversed(self._rest):
            said = _NOISE.sub("", line)
            if said and (said != line or "executor failed running" in line):
                return said[:_LONGEST_ERROR]
        fallback = next((line for line in reversed(self._rest) if line.strip(" -")), "")
        failure = next(reversed(self._failed.values()), "")
        return (failure or fallback or "the build ended without an image")[:_LONGEST_ERROR]

    def _begin(self, name: str) -> None:
        self.running = name
        self.listener(Step(name, self.places.of_buildkit(name), "running"))

    def _end(self, name: str, state: str) -> None:
        if self.running == name:
            self.running = ""
        self.listener(Step(name, self.places.of_buildkit(name), state))

    def _add_unnumbered(self, line: str) -> None:
        """Below the steps: `Dockerfile:8`, an excerpt with `>>>`, and `ERROR: …`."""
        place = _PLACE.fullmatch(line)
        if place:
            self._place = int(place["line"])
        elif self._place is not None and _MARKED.match(line):
            self._marked_line = self._place
        self._rest.append(line[:_LONGEST_ERROR])
        del self._rest[:-_KEPT_TAIL]
