"""An engine and what a container is to be in, a container that is surely removed out.

Knows not what runs in it.
"""

import contextlib
import io
import tarfile
import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from mllint.named_tuple import NamedTuple
from mllint.verify.engines.archives import first_file
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.engine import CALL_TIMEOUT_S, Engine
from mllint.verify.engines.failures import EngineError, Refused, TimedOut, start_failure

_FRAME_HEADER_BYTES = 8
_STDERR = 2
_REMOVE_TIMEOUT_S = 20.0
_HASTY_REMOVE_TIMEOUT_S = 5.0


class Exit(NamedTuple):
    """How a container ended; out_of_memory also when a child of its first process was killed."""

    code: int
    out_of_memory: bool
    error: str


class Output(NamedTuple):
    """The end of what a container printed; `cut` when there was more."""

    stdout: bytes
    stderr: bytes
    cut: bool


class Container:
    """One container of the engine."""

    def __init__(self, engine: Engine, identity: str) -> None:
        self.engine = engine
        self.id = identity
        self.kept = False

    @property
    def _path(self) -> str:
        return f"/containers/{self.id}"

    def start(self, timeout_s: float = CALL_TIMEOUT_S) -> None:
        """Run it; raises StartFailed with the runtime's own words, TimedOut when that hangs."""
        try:
            self.engine.send("starting a container", "POST", f"{self._path}/start", timeout_s)
        except EngineError as error:
            raise start_failure(error) from error

    def wait(self, timeout_s: float) -> Exit:
        """Its end; raises TimedOut when it still runs, DaemonGone when the engine went away."""
        what = "waiting for a container"
        deadline = time.monotonic() + timeout_s
        try:
            # Read to the end: an answer that stops early is that of an engine that dies.
            for _ in self.engine.stream(what, "POST", f"{self._path}/wait", deadline):
                pass
        except TimedOut:
            raise TimedOut(f"the container still runs after {timeout_s:g} s") from None
        state = self.state()
        if state.get("Running"):
            raise TimedOut(f"the container still runs after {timeout_s:g} s")
        code = int(state.get("ExitCode") or 0)
        return Exit(code, bool(state.get("OOMKilled")), str(state.get("Error") or ""))

    def state(self) -> Mapping[str, Any]:
        """The engine's own words about it: Status, Running, ExitCode, OOMKilled, Error."""
        data = self.engine.read("looking at a container", "GET", f"{self._path}/json")
        return dict(data.get("State") or {})

    def output(self, limit_bytes: int, timeout_s: float = CALL_TIMEOUT_S) -> Output:
        """The last `limit_bytes` of each of its two streams, and no more of them in memory."""
        tails = {False: _Tail(limit_bytes), True: _Tail(limit_bytes)}
        wanted = {"stdout": 1, "stderr": 1, "follow": 0}
        deadline = time.monotonic() + timeout_s
        pieces = self.engine.stream(
            "reading what a container printed", "GET", f"{self._path}/logs", deadline, params=wanted
        )
        for is_error, data in _frames(pieces):
            tails[is_error].add(data)
        out, err = tails[False], tails[True]
        return Output(out.data(), err.data(), out.cut or err.cut)

    def printed(self, timeout_s: float = CALL_TIMEOUT_S) -> Iterator[bytes]:
        """All of its standard output that the engine has kept, piece by piece."""
        deadline = time.monotonic() + timeout_s
        what, wanted = "reading what a container printed", {"stdout": 1, "follow": 0}
        pieces = self.engine.stream(what, "GET", f"{self._path}/logs", deadline, params=wanted)
        return (data for is_error, data in _frames(pieces) if not is_error)

    def stop(self, grace_s: float) -> None:
        """Tell its first process to end, and kill it when it still runs after `grace_s`."""
        wait = {"t": int(grace_s)}
        self.engine.send(
            "stopping a container",
            "POST",
            f"{self._path}/stop",
            grace_s + CALL_TIMEOUT_S,
            params=wait,
        )

    def kill(self, timeout_s: float = CALL_TIMEOUT_S) -> None:
        """End its processes at once; nothing when it does not run."""
        try:
            self.engine.send("killing a container", "POST", f"{self._path}/kill", timeout_s)
        except Refused as error:
            if "is not running" not in error.message and "not running" not in error.message:
                raise

    def put(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Lay a file into it; its folder has to be there."""
        folder, _, name = path.rpartition("/")
        tree = io.BytesIO()
        with tarfile.open(fileobj=tree, mode="w") as archive:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))
        self.unpack(folder or "/", tree.getvalue())

    def unpack(self, folder: str, tree: bytes) -> None:
        """Lay what a tar holds into one of its folders, owners and modes as in the tar."""
        where = f"{self._path}/archive?path={quote(folder)}"
        kind = {"Content-Type": "application/x-tar"}
        self.engine.send("copying a file into a container", "PUT", where, data=tree, headers=kind)

    def get(self, path: str, limit_bytes: int) -> bytes | None:
        """The first `limit_bytes` of a file in it; None when there is no such file."""
        where = f"{self._path}/archive?path={quote(path)}"
        deadline = time.monotonic() + CALL_TIMEOUT_S
        pieces = self.engine.stream("reading a file of a container", "GET", where, deadline)
        try:
            return first_file(pieces, limit_bytes)
        except Refused as error:
            if "could not find" in error.message.lower() or "no such file" in error.message.lower():
                return None
            raise

    def keep(self, name: str) -> None:
        """Leave it there, under that name, when the block that made it ends well."""
        self.engine.send("naming a container", "POST", f"{self._path}/rename?name={name}")
        self.kept = True

    def remove(self, timeout_s: float = _REMOVE_TIMEOUT_S) -> None:
        """Kill and delete it, with its anonymous volumes; nothing when it is gone."""
        try:
            self.engine.send(
                "removing a container",
                "DELETE",
                self._path,
                timeout_s,
                params={"force": 1, "v": 1},
            )
        except Refused as error:
            lowered = error.message.lower()
            # Podman and Docker name one that is gone, or that another call is removing.
            if "no such container" not in lowered and "already in progress" not in lowered:
                raise


@contextlib.contextmanager
def container(engine: Engine, spec: ContainerSpec) -> Iterator[Container]:
    """A created container, removed at the end unless it is to be kept; raises ImageMissing."""
    query = {"platform": spec.platform} if spec.platform else {}
    made = engine.read(
        "creating a container", "POST", "/containers/create", params=query, json=spec.body()
    )
    created = Container(engine, str(made["Id"]))
    try:
        for tree in spec.files:
            created.unpack("/", tree)
        yield created
    except BaseException:
        # What went wrong first is told; what stays is found by its label.
        with contextlib.suppress(EngineError):
            created.remove(_HASTY_REMOVE_TIMEOUT_S)
        raise
    if not created.kept:
        created.remove()


class _Tail:
    """The end of a stream of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self.cut = False

    def add(self, data: bytes) -> None:
        self._pieces.append(data)
        self._size += len(data)
        while self._size - len(self._pieces[0]) >= self._limit:
            self._size -= len(self._pieces.popleft())
            self.cut = True

    def data(self) -> bytes:
        whole = b"".join(self._pieces)
        self.cut = self.cut or len(whole) > self._limit
        return whole[-self._limit :] if self._limit else b""


def _frames(pieces: Iterator[bytes]) -> Iterator[tuple[bool, bytes]]:
    """The pieces of both streams out of one, each behind a header with its length."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        begin = 0
        while len(buffer) - begin >= _FRAME_HEADER_BYTES:
            length = int.from_bytes(buffer[begin + 4 : begin + 8], "big")
            end = begin + _FRAME_HEADER_BYTES + length
            if end > len(buffer):
                break
            yield buffer[begin] == _STDERR, bytes(buffer[begin + _FRAME_HEADER_BYTES : end])
            begin = end
        del buffer[:begin]
