"""The docker command line: whether it is there, what it can build with, and one build by it."""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Generator, Mapping

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.verify.building.buildkit_text import PlainProgress
from mllint.verify.building.events import BuildRequest, Listener
from mllint.verify.building.steps import StepPlaces
from mllint.verify.engines.failures import DaemonGone
from mllint.verify.engines.hosts import Endpoint

_PROBE_TIMEOUT_S = 15.0
_END_TIMEOUT_S = 5.0
_LONGEST_LINE = 64 * 1024
_WAITING_PIECES = 64
_LAST_WITHOUT_BUILDX = 22
"""Major versions up to this one build with BuildKit themselves; later ones need buildx."""
_VERSION = lazy(r"Docker version (?P<version>[^,\s]+)")
_GONE = (
    "Cannot connect to the Docker daemon",
    "error during connect",
    "failed to receive status",
    "error reading from server: EOF",
    "connection refused",
)


class DockerCli(NamedTuple):
    """A docker command: its path, version, and whether it has buildx."""

    path: str
    version: str
    buildx: bool

    @property
    def buildkit(self) -> bool:
        """Whether it builds with BuildKit."""
        major = self.version.partition(".")[0]
        return self.buildx or (major.isdigit() and int(major) <= _LAST_WITHOUT_BUILDX)


def find_cli(environ: Mapping[str, str]) -> DockerCli | None:
    """The docker command of the PATH; None when there is none that runs. Asks no engine."""
    path = shutil.which("docker", path=environ.get("PATH"))
    if path is None:
        return None
    said = _VERSION.match(_first_line([path, "--version"], environ) or "")
    if said is None:  # of Podman, which calls itself docker
        return None
    buildx = _first_line([path, "buildx", "version"], environ) is not None
    return DockerCli(path, said["version"], buildx)


def cli_build(
    cli: DockerCli, endpoint: Endpoint, request: BuildRequest, listener: Listener
) -> None:
    """Build with BuildKit; raises BuildFailed (BuildTimedOut), DaemonGone."""
    progress = PlainProgress(StepPlaces(request.dockerfile), listener)
    process = subprocess.Popen(
        _command(cli, request),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(endpoint),
        start_new_session=True,  # Ctrl-C is ours to pass on, once
    )
    try:
        _feed(process, request.text if request.path is None else b"")
        with contextlib.closing(_lines(process, request.deadline)) as lines:
            for line in lines:
                progress.add(line)
        code = process.wait(max(request.deadline - time.monotonic(), _END_TIMEOUT_S))
    except (TimeoutError, subprocess.TimeoutExpired):
        raise progress.timed_out(request.timeout_s) from None
    finally:
        _end(process)
    if code != 0:
        failure = progress.failure()
        if not failure.step and any(words in failure.message for words in _GONE):
            raise DaemonGone(f"{endpoint.shown} went away while it built: {failure.message}")
        raise failure


def _command(cli: DockerCli, request: BuildRequest) -> list[str]:
    command = [cli.path, "buildx", "build", "--load"] if cli.buildx else [cli.path, "build"]
    command += ["--progress=plain", f"--tag={request.tag}"]
    options = (
        ("builder", request.builder),
        ("platform", request.platform),
        ("target", request.target),
        ("network", request.network),
        ("shm-size", request.shm_bytes),
    )
    command += [f"--{name}={value}" for name, value in options if value is not None]
    command += [f"--build-arg={name}={value}" for name, value in request.build_args.items()]
    command += [f"--secret={secret}" for secret in request.secrets]
    command += ["--no-cache"] * request.no_cache + ["--pull"] * request.pull
    path = "-" if request.path is None else str(request.path)
    return [*command, f"--file={path}", "--", str(request.context)]


def _environment(endpoint: Endpoint) -> dict[str, str]:
    changes = {
        "DOCKER_BUILDKIT": "1",
        "BUILDKIT_PROGRESS": "plain",
        "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",  # old engines cannot load an image that has them
        "DOCKER_CLI_HINTS": "false",
        **endpoint.cli_environment(),
    }
    environment = {name: value for name, value in os.environ.items() if changes.get(name) != ""}
    return environment | {name: value for name, value in changes.items() if value}


def _first_line(command: list[str], environ: Mapping[str, str]) -> str | None:
    """What a command prints first; None when it fails."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=dict(environ),
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.decode(errors="replace").splitlines()
    return lines[0].strip() if lines and done.returncode == 0 else None


def _feed(process: "subprocess.Popen[bytes]", text: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin:
        process.stdin.write(text)


def _lines(process: "subprocess.Popen[bytes]", deadline: float) -> Generator[str]:
    """What it prints, line by line; raises TimeoutError at the deadline.

    A thread reads, and waits once it is ahead: 100 MB of output are never held at once.
    """
    pieces: queue.Queue[bytes] = queue.Queue(_WAITING_PIECES)
    gone = threading.Event()
    reader = threading.Thread(target=_read, args=(process, pieces, gone), daemon=True)
    reader.start()
    rest = b""
    try:
        while True:
            try:
                piece = pieces.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError from None
            *lines, rest = (rest + piece).split(b"\n") if piece else [rest, b""]
            for line in lines:
                # `\r` goes back to the begin of the line: what is seen in the end is the last part.
                shown = line.rstrip(b"\r").rpartition(b"\r")[2]
                yield shown[:_LONGEST_LINE].decode(errors="replace")
            if not piece:
                return
            rest = rest[:_LONGEST_LINE]
    finally:
        gone.set()


def _read(
    process: "subprocess.Popen[bytes]", pieces: "queue.Queue[bytes]", gone: threading.Event
) -> None:
    """Hand on what the process prints; once nobody listens, read on: it must not wait for us."""
    assert process.stdout is not None
    piece = b"-"
    while piece:
        try:
            piece = os.read(process.stdout.fileno(), _LONGEST_LINE)
        except (OSError, ValueError):
            piece = b""
        while not gone.is_set():
            with contextlib.suppress(queue.Full):
                pieces.put(piece, timeout=0.5)
                break


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Cancel the build as Ctrl-C would, then end what does not listen."""
    if process.poll() is None:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END_TIMEOUT_S)
    if process.poll() is None:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
