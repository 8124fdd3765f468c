"""What happens in a build, in the words of no builder: steps, their output, and how it ended."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Dockerfile
from mllint.verify.engines.failures import EngineError, TimedOut


class Step(NamedTuple):
    """A step that began, ended or was found in the cache.

    name: as the builder names it, `[build 2/4] RUN make`. line: of the Dockerfile, 1-based; None
    for the builder's own. state: `running`, `cached`, `done`, `failed`.
    """

    name: str
    line: int | None
    state: str


class StepOutput(NamedTuple):
    """A line that a step printed, without its end; not fit for a terminal as it is."""

    name: str
    line: int | None
    text: str


BuildEvent = Step | StepOutput
Listener = Callable[[BuildEvent], None]


class BuildRequest(NamedTuple):
    """A build as `docker build` takes it.

    path: of the Dockerfile; None: what the builder gets is `text`. tag: the name of the image.
    deadline: on the clock of time.monotonic().
    """

    dockerfile: Dockerfile
    path: Path | None
    text: bytes
    context: Path
    tag: str
    deadline: float
    timeout_s: float
    labels: Mapping[str, str] = MappingProxyType({})
    platform: str | None = None
    target: str | None = None
    build_args: Mapping[str, str] = MappingProxyType({})
    secrets: tuple[str, ...] = ()
    network: str | None = None
    no_cache: bool = False
    pull: bool = False
    builder: str | None = None
    shm_bytes: int | None = None


class BuildFailed(EngineError):
    """A build that ended without an image.

    step: as the builder names it, "" when no step failed. at_line: of the Dockerfile. output: the
    last lines of that step. status: of the command, None when that is not what failed.
    """

    def __init__(
        self,
        message: str,
        step: str = "",
        at_line: int | None = None,
        output: tuple[str, ...] = (),
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.step = step
        self.at_line = at_line
        self.output = output
        self.status = status

    @property
    def told(self) -> tuple[str, ...]:
        """All that may explain it."""
        return (*self.output, self.message)


class BuildTimedOut(BuildFailed, TimedOut):
    """A build that took longer than it was given; the step is the one that ran."""

    def __init__(
        self, seconds: float, step: str, at_line: int | None, output: tuple[str, ...]
    ) -> None:
        where = f" in the step {step}" if step else ""
        super().__init__(f"the build took longer than {seconds:g} s{where}", step, at_line, output)
        self.help = "give it more time: --build-timeout"


class BuilderMissing(EngineError):
    """The Dockerfile needs a builder that is not at hand; nothing was started."""
