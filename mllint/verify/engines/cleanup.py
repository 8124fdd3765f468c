"""What a run makes on an engine is named here, and removed: at its end, or after it was killed.

The id of a run names the machine and the process it belongs to: what a run made that still goes
on stays.
"""

import contextlib
import json
import os
import signal
import socket
import threading
import uuid
from collections.abc import Collection, Iterator
from typing import Any

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.verify.engines.containers import Container
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import DaemonGone, EngineError, Refused
from mllint.verify.engines.image_info import remove_image

LABEL = "io.mllint.run"
BUILD_LABEL = "io.mllint.build"
"""Of an image, which every container of it has too: also one that the user runs."""
REPOSITORY = "mllint-verify"
_NO_TAG_CHARACTER = lazy(r"[^A-Za-z0-9_.]+")
_LONGEST_HOST = 60
_ID = lazy(r"(?P<host>.+)-(?P<pid>[0-9]+)-[0-9a-f]+")


class Run(NamedTuple):
    """One run: what it makes carries its id, as a label or as the tag of the image it builds."""

    id: str

    @property
    def labels(self) -> dict[str, str]:
        """The labels of its containers, volumes and networks."""
        return {LABEL: self.id}

    @property
    def build_labels(self) -> dict[str, str]:
        """The labels of the image that it builds, and of the containers that build it."""
        return {BUILD_LABEL: self.id}

    def volume(self, number: int) -> str:
        """The name of a volume that it makes."""
        return f"{REPOSITORY}-{self.id}-{number}"

    @property
    def image(self) -> str:
        """The name of the image that it builds."""
        return f"{REPOSITORY}:{self.id}"

    @property
    def container(self) -> str:
        """The name under which the container of its probe may stay."""
        return f"{REPOSITORY}-{self.id}"

    @property
    def is_over(self) -> bool:
        """Whether its process is gone; False where that cannot be told: on another machine."""
        match = _ID.fullmatch(self.id)
        if match is None:
            return True
        return match["host"] == _host() and not _is_alive(int(match["pid"]))


class Leftover(NamedTuple):
    """Something that a run made; kind: container, network, volume or image."""

    kind: str
    name: str
    run: Run

    def remove(self, engine: Engine) -> None:
        """Remove it; nothing when it is gone; raises EngineError."""
        if self.kind == "container":
            Container(engine, self.name).remove()
        elif self.kind == "image":
            remove_image(engine, self.name)
        else:
            with contextlib.suppress(Refused):  # gone, or in use by what could not be removed
                path = f"/{self.kind}s/{self.name}"
                engine.send(f"removing a {self.kind}", "DELETE", path)


def new_run() -> Run:
    """A run of this process."""
    return Run(f"{_host()}-{os.getpid()}-{uuid.uuid4().hex[:12]}")


def leftovers(engine: Engine, run: Run | None = None) -> Iterator[Leftover]:
    """What `run` made, or all runs, in the order in which it can be removed."""
    value = f"={run.id}" if run is not None else ""
    labelled = {"filters": json.dumps({"label": [LABEL + value]})}
    for each in _list(engine, "/containers/json", labelled | {"all": "1"}):
        yield Leftover("container", _container_name(each), _run_of(each, LABEL))
    # The classic builder leaves one that was never started.
    built = {"filters": json.dumps({"label": [BUILD_LABEL + value], "status": ["created"]})}
    for each in _list(engine, "/containers/json", built | {"all": "1"}):
        if LABEL not in (each.get("Labels") or {}):
            yield Leftover("container", _container_name(each), _run_of(each, BUILD_LABEL))
    for each in _list(engine, "/networks", labelled):
        yield Leftover("network", str(each["Id"]), _run_of(each, LABEL))
    volumes = engine.read("listing volumes", "GET", "/volumes", params=labelled).get("Volumes")
    for each in volumes or ():
        yield Leftover("volume", str(each["Name"]), _run_of(each, LABEL))
    named = {"filters": json.dumps({"reference": [run.image if run else f"{REPOSITORY}:*"]})}
    for each in _list(engine, "/images/json", named):
        for name in each.get("RepoTags") or ():
            repository, _, tag = str(name).rpartition(":")
            if repository.rpartition("/")[2] == REPOSITORY:
                yield Leftover("image", str(name), Run(tag))


def remove_run(engine: Engine, run: Run, keep: Collection[str] = ()) -> tuple[str, ...]:
    """Remove all that a run made, but what is named to `keep`; never raises.

    Returns what could not be removed, with the reason.
    """
    with _unstoppable():
        try:
            made = tuple(leftovers(engine, run))
        except EngineError as error:
            return (f"what the run {run.id} made: {error.message}",)
        return _remove(engine, [each for each in made if each.name not in keep])


def clean(engine: Engine) -> tuple[tuple[Leftover, ...], tuple[str, ...]]:
    """Remove what killed runs left: what that was, and what could not be removed."""
    over = tuple(each for each in leftovers(engine) if each.run.is_over)
    return over, _remove(engine, over)


@contextlib.contextmanager
def _unstoppable() -> Iterator[None]:
    """A second Ctrl-C does not end the removing: each of its calls has a deadline."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {kind: signal.signal(kind, signal.SIG_IGN) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _remove(engine: Engine, made: "list[Leftover] | tuple[Leftover, ...]") -> tuple[str, ...]:
    left: list[str] = []
    for each in made:
        try:
            each.remove(engine)
        except DaemonGone as error:
            left.append(f"{each.kind} {each.name}: {error.message}")
            break
        except EngineError as error:
            left.append(f"{each.kind} {each.name}: {error.message}")
    return tuple(left)


def _list(engine: Engine, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
    return list(engine.read("listing what runs made", "GET", path, params=query))


def _container_name(each: dict[str, Any]) -> str:
    """Its id; of one that was to stay the name, which says more."""
    names = (str(name).rpartition("/")[2] for name in each.get("Names") or ())
    return next((name for name in names if name.startswith(REPOSITORY)), str(each["Id"]))


def _run_of(each: dict[str, Any], label: str) -> Run:
    labels = each.get("Labels")
    return Run(str(labels.get(label, "")) if isinstance(labels, dict) else "")


def _host() -> str:
    return _NO_TAG_CHARACTER.sub("_", socket.gethostname())[:_LONGEST_HOST] or "host"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
