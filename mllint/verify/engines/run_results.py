"""How a container that verify started came out, as a value; knows no engine."""

from enum import Enum

from mllint.named_tuple import NamedTuple


class HostFault(Enum):
    """Why a container with a GPU could not be started: the machine's fault, not the image's."""

    NO_TOOLKIT = "the engine has no NVIDIA runtime"
    NO_DRIVER = "the machine has no working NVIDIA driver"
    DRIVER_TOO_OLD = "the driver is too old for this image"
    DRIVER_MISMATCH = "the driver and its library are of two versions"
    NO_SUCH_DEVICE = "the machine has no such GPU"
    OTHER = "the NVIDIA runtime failed"


_FATAL = "Fatal Python error: "


class RunResult(NamedTuple):
    """A container that ran, or could not be started (start_error: the runtime's own words).

    said: the end of what it printed, safe to print.
    """

    status: int | None = None
    out_of_memory: bool = False
    timed_out: bool = False
    seconds: float | None = None
    said: str = ""
    start_error: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it ran to its end and said that all was well."""
        clean = not (self.out_of_memory or self.timed_out or self.start_error)
        return clean and self.status == 0

    @property
    def why(self) -> str:
        """Why it is not `ok`, in a few words."""
        if self.start_error:
            return f"could not be started: {self.start_error}"
        if self.timed_out:
            return "did not come to its end in the time that it was given"
        if self.out_of_memory:
            return "was killed because it used more memory than it was given"
        lines = [line.strip() for line in self.said.rstrip().split("\n")]
        # Below it Python tells of its own state: `Python runtime state: preinitialized`.
        last = next((each for each in lines if each.startswith(_FATAL)), lines[-1])
        return f"ended with status {self.status}" + (f": {last}" if last else "")


class StopResult(NamedTuple):
    """How the start command took its stop signal, `after_s` from its start.

    ended_in_s: None where it was killed. handled: False where its first process had no handler of
    it, and no signal was sent.
    """

    ended_in_s: float | None = None
    handled: bool = True
    after_s: float = 0.0


class GpuStart(NamedTuple):
    """Whether the container of the probe got a GPU. reason: why none was asked for.

    fault, said, help: why one that was asked for could not be had.
    """

    asked: bool = False
    reason: str = "none was asked for"
    fault: HostFault | None = None
    said: str = ""
    help: str = ""
