"""A question in, what uv says to it out; ends the process with the run, or at its time limit."""

import contextlib
import os
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from mllint.named_tuple import NamedTuple
from mllint.resolve.failures import is_too_old, is_uncached
from mllint.resolve.private_folder import private_folder
from mllint.resolve.request import Manner, Question, write_question
from mllint.resolve.uv_program import UvError, old_text
from mllint.resolve.uv_variables import variables_of_uv

_LONGEST_ANSWER = 20_000_000  # bytes of a file; a lock of 1,000 packages takes half a million
_END_TIMEOUT_S = 2.0


class Ending(Enum):
    """How a call came out."""

    RESOLVED = "resolved"
    NO_SOLUTION = "no solution"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    STOPPED = "stopped"


class Said(NamedTuple):
    """What one call gave: the text of the output file, and what uv told on standard error."""

    ending: Ending
    output: str
    told: str


@dataclass(slots=True, eq=False, repr=False)
class _Pending:
    """An answer on its way, or the error that came in its place."""

    is_there: threading.Event = field(default_factory=threading.Event)
    said: Said | None = None
    error: BaseException | None = None


class Caller:
    """Calls uv, and can end all calls that run, from another thread."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self._running: set[subprocess.Popen[bytes]] = set()
        self._known: dict[object, list[tuple[Question, _Pending]]] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def ask(self, question: Question, form: str = "txt") -> Said:
        """Ask, equal questions once; raises OSError where uv or its folder cannot be used."""
        answer, is_new = self._pending(question, form)
        if is_new:
            try:
                answer.said = self._call(question, form)
            except BaseException as error:
                answer.error = error
                raise
            finally:
                answer.is_there.set()
        answer.is_there.wait()
        if answer.said is None:
            raise answer.error or RuntimeError("there is no answer")
        return answer.said

    def _pending(self, question: Question, form: str) -> tuple[_Pending, bool]:
        """Where the answer will be, and whether it is for this thread to get it."""
        with self._lock:
            alike = self._known.setdefault((form, question.requirements), [])
            for other, answer in alike:
                if other == question:
                    return answer, False
            answer = _Pending()
            alike.append((question, answer))
            return answer, True

    def _call(self, question: Question, form: str) -> Said:
        with private_folder() as folder:
            words = write_question(question, self.manner, folder, form)
            environ = variables_of_uv(question.sources, self.manner)
            process = self._start(words, folder, environ)
            if process is None:
                return Said(Ending.STOPPED, "", "")
            try:
                _, told = process.communicate(timeout=self.manner.limit_s)
            except subprocess.TimeoutExpired:
                return Said(Ending.TIMED_OUT, "", "")
            finally:
                self._end(process)
            text = told.decode("utf-8", "replace")
            if self._stopped:
                return Said(Ending.STOPPED, "", text)
            if process.returncode == 0:
                output = folder / ("pylock.toml" if form == "toml" else "out.txt")
                return Said(Ending.RESOLVED, _read(output), text)
            if process.returncode < 0:
                return Said(Ending.FAILED, "", f"uv was ended by signal {-process.returncode}")
            if is_too_old(text):
                raise UvError(old_text(self.manner.program, text))
            unsolvable = "No solution found when resolving" in text and not is_uncached(text)
            return Said(Ending.NO_SOLUTION if unsolvable else Ending.FAILED, "", text)

    def stop(self) -> None:
        """End every call that runs; what is asked from now on is not."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)

    def _start(
        self, words: list[str], folder: Path, environ: dict[str, str]
    ) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self._stopped:
                return None
            process = subprocess.Popen(
                words,
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is ours to pass on, once
            )
            self._running.add(process)
            return process

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        if process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_END_TIMEOUT_S)
        if process.stderr is not None:
            process.stderr.close()
        with self._lock:
            self._running.discard(process)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST_ANSWER).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""  # nothing was asked for
