"""An image in, how its start command and commands of the user went in containers, out."""

import time
from collections.abc import Callable

from mllint.report.visible import visible_lines
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.containers import Container, container
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import EngineError, StartFailed, TimedOut
from mllint.verify.engines.first_process import handles_signal
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.engines.run_results import RunResult, StopResult

_SAID_BYTES = 4_000
_START_S = 3.0
"""How long the start command has to keep running to be taken for a service."""
GRACE_S = 10.0
"""What `docker stop` waits before it kills."""
_LOOK_S = 0.1
_KILLED = 137  # 128 + SIGKILL


def start_and_stop(
    engine: Engine,
    image: ImageInfo,
    spec: ContainerSpec,
    grace_s: float = GRACE_S,
    graceful: bool = False,
) -> tuple[RunResult | None, StopResult | None]:
    """How the image starts by itself, and how it ends when it is told to; None: not tried.

    graceful: it has to end by itself, and gets the time to come to where it can.
    """
    if not (image.entrypoint or image.command):
        return None, None
    stops: list[StopResult] = []
    patience_s = grace_s if graceful else 0.0

    def stop(made: Container) -> None:
        stops.append(_stop(made, image.stop_signal or "SIGTERM", grace_s, patience_s))

    start = _run(engine, spec, _START_S, stop)
    return start, next(iter(stops), None)


def _stop(made: Container, name: str, grace_s: float, patience_s: float) -> StopResult:
    """A program that still loads torch has no handler yet: `patience_s` is waited for one."""
    begun = time.monotonic()
    state = made.state()
    while handles_signal(made.id, state, name) is False:
        waited = time.monotonic() - begun
        if waited >= patience_s:
            return StopResult(handled=False, after_s=_START_S + waited)
        time.sleep(_LOOK_S)
    begun = time.monotonic()
    made.stop(grace_s)
    killed = made.wait(GRACE_S).code == _KILLED
    took = time.monotonic() - begun
    return StopResult(None if killed else took)


def run_command(engine: Engine, spec: ContainerSpec, text: str, timeout_s: float) -> RunResult:
    """A command of the user, by the image's own shell."""
    spec = spec._replace(entrypoint=["/bin/sh", "-c"], command=[text])
    return _run(engine, spec, timeout_s, lambda _: None)


def _run(
    engine: Engine, spec: ContainerSpec, timeout_s: float, still: Callable[[Container], None]
) -> RunResult:
    """How a container went; `still` is done with one that runs on when its time is up."""
    begun = time.monotonic()
    try:
        with container(engine, spec) as made:
            made.start()
            try:
                end = made.wait(timeout_s)
            except TimedOut:
                still(made)
                return RunResult(timed_out=True, seconds=timeout_s)
            seconds = time.monotonic() - begun
            return RunResult(end.code, end.out_of_memory, seconds=seconds, said=_said(made))
    except StartFailed as error:
        return RunResult(start_error=visible_lines(error.message))


def _said(made: Container) -> str:
    """The end of what it printed, errors last."""
    try:
        output = made.output(_SAID_BYTES)
    except EngineError:
        return ""
    return visible_lines((output.stdout + output.stderr).decode("utf-8", "replace"))
