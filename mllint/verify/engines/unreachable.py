"""An engine that does not answer in, why that is out."""

import socket
from collections.abc import Sequence

from mllint.verify.engines.failures import (
    EngineError,
    EngineUnreachable,
    PermissionDenied,
    TimedOut,
    permission_denied,
)
from mllint.verify.engines.hosts import Endpoint

_UNREACHED = " cannot be reached: "
_START = "start one (sudo systemctl start docker), or name it: --host unix:///PATH"


def nobody_answers(endpoints: Sequence[Endpoint], refusals: Sequence[EngineError]) -> EngineError:
    """The error for all places that were tried: the one that the user can mend, else a list."""
    for refusal in refusals:
        if isinstance(refusal, PermissionDenied) or len(refusals) == 1:
            return refusal
    tried = "; ".join(
        f"{endpoint.url}: {refusal.message.rpartition(_UNREACHED)[2]}"
        for endpoint, refusal in zip(endpoints, refusals, strict=True)
    )
    return EngineUnreachable(
        f"no engine answers ({tried})",
        _START,
    )


def refuse_dead_socket(endpoint: Endpoint, timeout_s: float) -> None:
    """Raise for a socket that nobody listens at: asked of the system, which says why."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(str(endpoint.socket))
        except PermissionError:
            raise permission_denied(endpoint.shown) from None
        except FileNotFoundError:
            raise _cannot_reach(endpoint, "there is no such socket") from None
        except ConnectionRefusedError:
            raise _cannot_reach(endpoint, "nobody listens") from None
        except OSError as error:
            raise _cannot_reach(endpoint, str(error)) from None


def unreachable(
    error: EngineError, endpoint: Endpoint, complaint: str, timeout_s: float
) -> EngineError:
    """The error for a first call that failed; `complaint` is what ssh said."""
    if isinstance(error, PermissionDenied):
        return error
    text = f"{error.__cause__!r} {error.message}"
    if complaint:
        reason = f"ssh says: {complaint}"
    elif isinstance(error, TimedOut):
        reason = f"no answer in {timeout_s:g} s"
    elif "ConnectionRefused" in text or "Connection refused" in text:
        reason = "nobody listens"
    elif "HTTP request to an HTTPS server" in text:
        reason = "it wants TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH"
    else:
        reason = " ".join(str(error.__cause__ or error.message).split())[-400:]
    return _cannot_reach(endpoint, reason)


def _cannot_reach(endpoint: Endpoint, reason: str) -> EngineUnreachable:
    return EngineUnreachable(f"{endpoint.shown}{_UNREACHED}{reason}", _START)
