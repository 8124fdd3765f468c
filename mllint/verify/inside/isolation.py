"""A function or a program in, what came of it out: none may last longer or say more than it may."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence

from .records import Record, encoded, last_line, write_all

_MOST_BYTES = 4000000
_TAIL_BYTES = 4000
_GRACE_S = 0.3


class Ended(NamedTuple):
    """How a child ended: status (None: killed for time), signal, tails of what it said, results.

    results: what it wrote into the descriptor of its own; seconds: how long it took.
    """

    status: Optional[int]
    signal: Optional[int]
    timed_out: bool
    seconds: float
    out: str
    errors: str
    results: bytes

    def as_record(self) -> Record:
        """The fields that say how it ended, for a record."""
        return {
            "status": self.status,
            "signal": self.signal,
            "timed_out": self.timed_out,
            "seconds": round(self.seconds, 3),
            "said": last_line(self.errors) or last_line(self.out),
        }


class _Tail:
    """The end of a stream, or its beginning: the rest is read and dropped."""

    def __init__(self, limit: int, beginning: bool = False) -> None:
        self._limit = limit
        self._beginning = beginning
        self._data = bytearray()

    def add(self, data: bytes) -> None:
        """Take the next piece of the stream."""
        if self._beginning:
            self._data += data[: max(0, self._limit - len(self._data))]
        else:
            self._data += data
            del self._data[: max(0, len(self._data) - self._limit)]

    def bytes(self) -> bytes:
        """What was kept."""
        return bytes(self._data)

    def text(self) -> str:
        """What was kept, as text."""
        return self._data.decode("utf-8", "replace")


def run_program(words: Sequence[str], timeout_s: float, with_results: bool = False) -> Ended:
    """Run a program to its end, or to its time limit; nothing that it started is left.

    with_results: it gets one more word, the number of a descriptor to write results into.
    """
    inner, outer = os.pipe()
    started = time.monotonic()
    try:
        child = _start(words, outer if with_results else None)
    except BaseException:
        os.close(inner)
        raise
    finally:
        os.close(outer)
    assert child.stdout is not None and child.stderr is not None
    tails = {
        inner: _Tail(_MOST_BYTES, beginning=True),
        child.stdout.fileno(): _Tail(_TAIL_BYTES),
        child.stderr.fileno(): _Tail(_TAIL_BYTES),
    }
    timed_out = _drain(child, tails, started + timeout_s)
    child.stdout.close()
    child.stderr.close()
    os.close(inner)
    code = None if timed_out else child.returncode
    results, out, errors = tails.values()
    return Ended(
        status=code if code is not None and code >= 0 else None,
        signal=-code if code is not None and code < 0 else None,
        timed_out=timed_out,
        seconds=time.monotonic() - started,
        out=out.text(),
        errors=errors.text(),
        results=results.bytes(),
    )


def _start(words: Sequence[str], results: Optional[int]) -> "subprocess.Popen[bytes]":
    """The program in a session of its own; `results`: a descriptor that it is to have, too."""
    return subprocess.Popen(
        [*words] if results is None else [*words, str(results)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=() if results is None else (results,),
        start_new_session=True,
    )


def _drain(child: "subprocess.Popen[bytes]", tails: Dict[int, _Tail], deadline: float) -> bool:
    """Read until the child has ended; True when it had to be killed for time."""
    with selectors.DefaultSelector() as selector:
        for handle in tails:
            selector.register(handle, selectors.EVENT_READ)
        while child.poll() is None and time.monotonic() < deadline:
            _read(selector, tails, 0.05)
        timed_out = child.returncode is None
        end_group(child.pid)
        try:
            child.wait(_GRACE_S * 10)
        except subprocess.TimeoutExpired:
            pass  # it waits for a device that does not answer: not even a kill ends that
        # What the child wrote last. A grandchild in a session of its own may hold the pipes open.
        limit = time.monotonic() + _GRACE_S
        while selector.get_map() and time.monotonic() < limit and _read(selector, tails, 0):
            pass
    return timed_out


def _read(selector: selectors.BaseSelector, tails: Dict[int, _Tail], wait_s: float) -> bool:
    """Read once from each pipe that holds something; False when none did."""
    ready = selector.select(wait_s) if selector.get_map() else []
    if not ready and wait_s and not selector.get_map():
        time.sleep(wait_s)
    for key, _ in ready:
        data = os.read(key.fd, 65536)
        if data:
            tails[key.fd].add(data)
        else:
            selector.unregister(key.fileobj)
    return bool(ready)


def end_group(pid: int) -> None:
    """Kill a child and all that it started in its session."""
    for kill in (os.killpg, os.kill):  # a fork may not yet lead a session of its own
        try:
            kill(pid, signal.SIGKILL)
        except OSError:
            pass


def run_isolated(probe: Callable[[], Iterable[Record]], timeout_s: float) -> Iterator[Record]:
    """The records of a probe that runs in a fork of this process, then a `fault` if it failed."""
    inner, outer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(inner)
        _run_child(probe, outer)
    os.close(outer)
    deadline = time.monotonic() + timeout_s
    rest, total, reason = b"", 0, ""
    with selectors.DefaultSelector() as selector:
        selector.register(inner, selectors.EVENT_READ)
        while not reason:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                reason = f"took longer than {timeout_s:g} s"
                break
            data = os.read(inner, 65536)
            if not data:
                break
            total += len(data)
            if total > _MOST_BYTES:
                reason = "found more than can be told"
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                yield json.loads(line.decode("ascii"))
    os.close(inner)
    end_group(pid)
    status = os.waitpid(pid, 0)[1]
    if not reason and os.WIFSIGNALED(status):
        reason = f"was killed by signal {os.WTERMSIG(status)}"
    if reason:
        yield {"kind": "fault", "reason": reason}


def _run_child(probe: Callable[[], Iterable[Record]], outer: int) -> None:
    """In the fork: write the records of the probe; never returns."""
    status = 1
    try:
        os.setsid()
        quiet = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(quiet, handle)
        for record in probe():
            write_all(outer, encoded(record) + b"\n")
        status = 0
    except BaseException as error:
        reason = f"{type(error).__name__}: {error}"
        write_all(outer, encoded({"kind": "fault", "reason": reason}) + b"\n")
    finally:
        os._exit(status)


def run_child(script: str, arguments: List[str], timeout_s: float) -> Ended:
    """Run a bundle in an interpreter of its own, the same as this one."""
    python = sys.executable or "/proc/self/exe"
    return run_program([python, "-c", script, *arguments], timeout_s, with_results=True)


def results_of(ended: Ended) -> Iterator[Dict[str, Any]]:
    """What a child wrote into its descriptor: an object a line; what is none is left out."""
    for line in ended.results.split(b"\n"):
        try:
            value = json.loads(line.decode("utf-8"))
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value
