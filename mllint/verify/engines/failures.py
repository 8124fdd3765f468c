"""What the docker SDK or the engine raised in, one of a small family of errors out.

Classified by the text and by the names of the classes, as the SDK lets errors of requests and
urllib3 through; knows no engine and no container.
"""

from mllint.errors import MllintError
from mllint.regex import lazy

_LONGEST = 600


class EngineError(MllintError):
    """Something that an engine did not do; `help` is the next thing to type, or empty.

    ends_with: the exit code of the process; 6: whether the image is good could not be told.
    """

    ends_with = 6

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


class EngineUnreachable(EngineError):
    """No engine answers."""


class PermissionDenied(EngineUnreachable):
    """The engine's socket is there, and this user may not use it."""


class DaemonGone(EngineUnreachable):
    """The engine answered before, and then went away in the middle of something."""


class TimedOut(EngineError):
    """Something took longer than it was given."""


class ImageMissing(EngineError):
    """The engine has no image of that name."""

    ends_with = 2


class StartFailed(EngineError):
    """A container was made and could not be started; the message is the runtime's own."""


class DiskFull(EngineError):
    """The engine has no space left."""


class Refused(EngineError):
    """The engine answered, and said no."""


_LIBRARIES = ("docker", "requests", "urllib3", "http", "socket", "ssl")
_DISK_FULL = lazy(r"no space left on device", 2)  # 2: re.IGNORECASE
_GONE = lazy(
    r"RemoteDisconnected|Connection aborted|IncompleteRead|ChunkedEncodingError|ProtocolError"
    r"|ConnectionResetError|BrokenPipe|Connection broken|Response ended prematurely"
    r"|ConnectionRefusedError|Connection refused|FileNotFoundError"
)
_NO_SUCH_PROGRAM = lazy(r"executable file .*not found|no such file or directory|not a directory", 2)
_TIMED_OUT = lazy(r"timed out|TimeoutError|ReadTimeout", 2)


def is_foreign(error: BaseException) -> bool:
    """Whether the error comes from the SDK, from below it, or from the system."""
    if isinstance(error, MllintError):
        return False
    libraries = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    return isinstance(error, OSError) or not libraries.isdisjoint(_LIBRARIES)


def failure_of(error: BaseException, what: str, where: str, seconds: float) -> EngineError:
    """The error of ours for what was raised while `what` was done with the engine at `where`."""
    text = " ".join(str(error).split())[:_LONGEST]
    shown = f"{type(error).__name__}: {text}"
    if _DISK_FULL.search(shown):
        return _disk_full(what)
    if _TIMED_OUT.search(shown):
        message = f"{what} took longer than {seconds:g} s: {where} did not answer"
        return TimedOut(message, "look at what the engine is doing, or give it more time")
    if "ermission denied" in text or "PermissionError" in text:
        return permission_denied(where)
    if _GONE.search(shown):
        return DaemonGone(f"{where} went away while {what}", "look into the log of the engine")
    return EngineUnreachable(f"{what} failed: {text}")


def permission_denied(where: str) -> PermissionDenied:
    """The error for a socket that this user may not use."""
    return PermissionDenied(
        f"this user may not use {where}: permission denied",
        "run as a member of the group docker (sudo usermod -aG docker $USER, then log in again)",
    )


def start_failure(error: EngineError) -> EngineError:
    """The same error as one of starting a container, where it is the engine's answer to that."""
    return StartFailed(error.message) if isinstance(error, Refused) else error


def lacks_program(message: str, program: str) -> bool:
    """Whether a container could not be started because its image has not that program."""
    return program in message and _NO_SUCH_PROGRAM.search(message) is not None


def _disk_full(what: str) -> DiskFull:
    return DiskFull(f"the engine has no space left while {what}", "run docker system prune")


def answer(text: str, status: int, what: str) -> EngineError:
    """The error for an answer of the engine that says no."""
    text = " ".join(text.split())[:_LONGEST]
    if _DISK_FULL.search(text):
        return _disk_full(what)
    lowered = text.lower()
    missing = "no such image" in lowered or "image not known" in lowered
    if status == 404 and (missing or "not found: manifest unknown" in lowered):
        return ImageMissing(text)
    return Refused(text)
