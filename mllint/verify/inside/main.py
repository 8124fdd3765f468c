"""A request in, the records of every probe out; the entry of the script that runs in an image."""

import os
import sys
import time
from functools import partial
from typing import Callable, Iterable, Iterator, List, NamedTuple

from .distributions import probe_distributions
from .frameworks import probe_frameworks
from .imports import probe_imports
from .interpreter import probe_interpreter
from .isolation import run_isolated
from .leftovers import probe_leftovers
from .libraries import probe_libraries
from .nvidia import probe_nvidia
from .records import Record, Writer
from .request import Request, read_request
from .system import probe_system
from .system_packages import probe_system_packages

_NOT_DUMPABLE = 4  # PR_SET_DUMPABLE of prctl(2)
_QUICK_S = 20.0
_THOROUGH_S = 120.0


class _Probe(NamedTuple):
    """One probe. limit_s: it runs in a fork, so long at most; 0: it runs children itself."""

    name: str
    find: Callable[[], Iterable[Record]]
    limit_s: float


def _probes(request: Request) -> Iterator[_Probe]:
    yield _Probe("interpreter", probe_interpreter, _QUICK_S)
    yield _Probe("system", probe_system, _QUICK_S)
    yield _Probe("distributions", probe_distributions, _THOROUGH_S)
    yield _Probe("system packages", partial(probe_system_packages, request), _QUICK_S)
    # Before all that wants a GPU. What is wrong with the machine shows even sooner, as the start of
    # the container fails: one of its own for nvidia-smi would tell no more.
    yield _Probe("nvidia", partial(probe_nvidia, request), 0)
    yield _Probe("imports", partial(probe_imports, request), 0)
    yield _Probe("frameworks", partial(probe_frameworks, request), 0)
    yield _Probe("libraries", probe_libraries, _THOROUGH_S)
    yield _Probe("leftovers", probe_leftovers, _THOROUGH_S)


def main(hidden: List[str]) -> None:
    """Run all probes; `hidden` is the folder of the script, where nothing is looked for."""
    request = read_request()
    _hide_from_children()
    sys.stdout.flush()
    # What a library prints as it is loaded must not come between the records.
    handle = os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    writer = Writer(handle, request.token, request.most_records)
    for probe in _probes(request):
        if request.probes and probe.name not in request.probes:
            continue
        for record in _found(probe, request):
            if record["kind"] == "fault":
                record["probe"] = probe.name
            writer.write(record)
    writer.close()


def _found(probe: _Probe, request: Request) -> Iterator[Record]:
    started = time.monotonic()
    left = request.deadline - started
    try:
        if left <= 0 and probe.limit_s:
            yield {"kind": "fault", "reason": "the time for all probes was used up"}
        elif probe.limit_s:
            yield from run_isolated(probe.find, min(probe.limit_s, left))
        else:
            yield from probe.find()
    except Exception as error:
        yield {"kind": "fault", "reason": f"{type(error).__name__}: {error}"}
    yield {"kind": "took", "probe": probe.name, "seconds": round(time.monotonic() - started, 3)}


def _hide_from_children() -> None:
    """Keep what runs under the same user from reading the token out of this process."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_NOT_DUMPABLE, 0, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return  # a Python built without ctypes: the token is then as safe as the image is honest
