"""The distributions and modules to try in, a record for each import out.

Each import runs in an interpreter of its own: one that crashes, hangs or prints costs only itself.
"""

import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Dict, Iterator, List, NamedTuple, Optional, Union

from .bundle import bundle
from .distributions import Distribution, find_distributions, modules_of
from .isolation import Ended, results_of, run_child
from .records import Record, last_line
from .request import Request

_MODULES = ("records", "child", "child_import", "loaded_libraries")
_MISSING = re.compile(r"([^\s:'\"]+\.so[.\w]*): cannot open shared object file")
# NumPy prints it to stderr, and the import goes on with half a module.
_ARRAY_API = "_ARRAY_API not found"
# Beside others in a wheel, these say nothing about it.
_ASIDE = frozenset({"test", "tests", "testing", "docs", "doc", "examples", "benchmarks", "scripts"})
_MOST_OF_ONE = 3


class Wanted(NamedTuple):
    """One module to import, and the distribution for whose sake; None: the user named it."""

    module: str
    distribution: Optional[str]


def probe_imports(request: Request) -> Iterator[Record]:
    """A record for each module; also for a distribution that is not installed or has no module."""
    script = bundle("child_import", _MODULES)
    found = list(_found(request))
    tried = [each for each in found if isinstance(each, Wanted)]
    with ThreadPoolExecutor(max_workers=_workers()) as pool:
        records = pool.map(lambda each: import_record(each, script, request), tried)
        for each in found:
            if not isinstance(each, Wanted):
                yield each
                continue
            record = next(records)
            if record.get("signal") == signal.SIGKILL and _workers() > 1:
                # The kernel, out of memory, may have taken the wrong one of several.
                record = import_record(each, script, request)
            yield record


def _workers() -> int:
    """How many imports at once: each takes a processor, and up to a gigabyte with CUDA."""
    return max(1, min(4, len(os.sched_getaffinity(0))))


def _found(request: Request) -> Iterator[Union[Wanted, Record]]:
    """What to import, in order; a record for a distribution of which nothing can be imported."""
    installed = {found.key: found for found in reversed(list(find_distributions()))}
    for name in request.distributions:
        wanted = wanted_modules(name, installed.get(name), request.modules_of.get(name, []))
        if not wanted:
            reason = "holds no module" if name in installed else "is not installed"
            yield {"kind": "import", "distribution": name, "module": None, "reason": reason}
        yield from wanted
    for module in request.imports:
        yield Wanted(module, None)


def wanted_modules(name: str, found: Optional[Distribution], known: List[str]) -> List[Wanted]:
    """The modules to import for a distribution; `known`: those that a table names for it."""
    if found is None:
        return []
    listed = modules_of(found)
    own = name.replace("-", "_")
    if not listed and not found.files:
        # Debian's packages and old eggs list no files.
        return [Wanted(module, name) for module in (known or [own])[:_MOST_OF_ONE]]
    chosen = [module for module in listed if module.lower() == own]
    if not chosen:
        chosen = [module for module in known if module in listed]
    if not chosen:
        plain = [n for n in listed if not n.startswith("_") and "__mypyc" not in n]
        chosen = [n for n in plain if n not in _ASIDE] or plain or listed
    return [Wanted(module, name) for module in chosen[:_MOST_OF_ONE]]


def import_record(wanted: Wanted, script: str, request: Request) -> Record:
    """Import one module and tell how that ended."""
    record: Record = {
        "kind": "import",
        "distribution": wanted.distribution,
        "module": wanted.module,
        "reason": None,
    }
    left = request.deadline - time.monotonic()
    if left <= 0:
        return dict(record, reason="the time for all probes was used up")
    limit = min(request.timeout_s, left)
    ended = run_child(script, [_quoted(wanted.module)], limit)
    *_, result = {}, *results_of(ended)  # the last: a module may write into any descriptor
    record.update(_outcome(ended, result, limit))
    return record


def _quoted(module: str) -> str:
    return '"{}"'.format(module.replace("\\", "").replace('"', ""))


def _outcome(ended: Ended, result: Dict[str, object], limit_s: float) -> Record:
    said = ended.errors
    record = ended.as_record()
    record.update(result)
    record["ok"] = result.get("ok") is True and ended.signal is None and not ended.timed_out
    if _ARRAY_API in said:
        record.update(ok=False, error="ImportError", message=_ARRAY_API)
    elif ended.timed_out:
        record.update(error="TimeoutError", message=f"took longer than {limit_s:g} s")
    elif not result:
        how = f"signal {ended.signal}" if ended.signal else f"status {ended.status}"
        record.update(error="Ended", message="the interpreter ended with " + how)
    missing = _MISSING.search("{}\n{}".format(result.get("message", ""), said))
    record["missing"] = missing.group(1) if missing and not record["ok"] else None
    record["said"] = last_line(said)
    return record
