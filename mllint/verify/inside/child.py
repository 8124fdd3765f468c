"""What every child of the probe does: it takes its arguments and writes results, a line each."""

import json
import sys
import time
import traceback
from typing import Any, Callable, Dict, List, Optional

from .records import encoded, write_all

Facts = Dict[str, Any]


class Results:
    """The descriptor that the parent reads: the last argument of a child."""

    def __init__(self) -> None:
        self._handle = int(sys.argv[-1])

    def write(self, found: Facts) -> None:
        """One object, at once: what comes later may crash."""
        write_all(self._handle, encoded(found) + b"\n")


def arguments(hidden: List[str]) -> Any:
    """What the parent gave; from now on modules are found as `python -c` finds them."""
    given = json.loads(sys.argv[1])
    _die_first()
    sys.path[:0] = hidden
    sys.argv[:] = [""]
    return given


def _die_first() -> None:
    """Where memory runs out, let the kernel end this child, not the one that reports it."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        return


def failure(error: BaseException) -> Facts:
    """The class and the last line of an error, and the place that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    # `message or repr`: `raise ImportError` has none. A long one begins with what matters:
    # numpy's goes on with advice over two screens.
    return {"error": type(error).__name__, "message": str(error) or repr(error), "place": place}


def attempt(results: Results, facts: Facts, call: Callable[[], Optional[Facts]]) -> bool:
    """Write `facts` with whether the call went well, how long it took, and what it returned."""
    started = time.monotonic()
    found: Facts = dict(facts)
    try:
        found.update(call() or {})
        found.setdefault("ok", True)
    except BaseException as error:
        found.update(failure(error), ok=False)
    found["seconds"] = round(time.monotonic() - started, 3)
    results.write(found)
    return bool(found["ok"])
