"""What the caller wants to know, as a value: it comes in an environment variable."""

import json
import os
import time
from typing import Any, Dict, List, NamedTuple

VARIABLE = "MLLINT_PROBE"
_SHORTEST_TOKEN = 16


class Request(NamedTuple):
    """The request: token (stands before each record), what to import, time limits, GPU or not.

    distributions: canonical names; modules_of: the modules that a table names for some of them.
    imports: further modules. timeout_s: for one import; deadline: for all, on the monotonic clock.
    probes: the names of those to run; none: all. system_packages: those to look for.
    """

    token: str
    distributions: List[str]
    modules_of: Dict[str, List[str]]
    imports: List[str]
    timeout_s: float
    deadline: float
    gpu: bool
    most_records: int
    probes: List[str]
    system_packages: List[str]


def read_request() -> Request:
    """The request of the environment, which then does not hold it any more.

    Raises ValueError for one that is not as `Request` says.
    """
    text = os.environ.get(VARIABLE, "{}")
    _wipe(VARIABLE, len(os.fsencode(text)))
    os.environ.pop(VARIABLE, None)
    given: Dict[str, Any] = json.loads(text)
    token = str(given.get("token", ""))
    if len(token) < _SHORTEST_TOKEN or not token.isalnum():
        raise ValueError(VARIABLE + " holds no token")
    return Request(
        token=token,
        distributions=[str(name) for name in given.get("distributions", [])],
        modules_of={
            str(name): [str(module) for module in modules]
            for name, modules in given.get("modules_of", {}).items()
        },
        imports=[str(name) for name in given.get("imports", [])],
        timeout_s=float(given.get("timeout_s", 120)),
        deadline=time.monotonic() + float(given.get("total_s", 900)),
        gpu=bool(given.get("gpu", False)),
        most_records=int(given.get("most_records", 20000)),
        probes=[str(name) for name in given.get("probes", [])],
        system_packages=[str(name) for name in given.get("system_packages", [])],
    )


def _wipe(name: str, length: int) -> None:
    """Overwrite a variable where the kernel shows it: in /proc/PID/environ it else stays."""
    try:
        import ctypes

        getenv = ctypes.CDLL(None).getenv
        getenv.restype, getenv.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
        place = getenv(name.encode("ascii"))
        if place:
            ctypes.memset(place, ord("-"), length)
    except (ImportError, OSError, AttributeError):
        return
