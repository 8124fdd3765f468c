"""An image and what is wanted of it in, what its containers told out: the input of the smoke test.

Two containers of its own, the probe and the start command, and one for each command of the user.
"""

import time
from collections.abc import Mapping
from types import MappingProxyType

from mllint.named_tuple import NamedTuple
from mllint.report.visible import visible_lines
from mllint.verify.container_spec import ContainerSpec, Gpus
from mllint.verify.containers import Container, container
from mllint.verify.engine import Engine
from mllint.verify.failures import EngineError, StartFailed, TimedOut
from mllint.verify.image_info import ImageInfo
from mllint.verify.probe_run import Probed, probe_image
from mllint.verify.probe_script import ProbeOrder, new_token
from mllint.verify.run_results import GpuStart, RunResult
from mllint.verify.smoke_input import SmokeInput

_SAID_BYTES = 4_000
_START_S = 3.0
"""How long the start command has to keep running to be taken for a service."""
_GRACE_S = 10.0
"""What `docker stop` waits before it kills."""


class Wanted(NamedTuple):
    """What is wanted of an image.

    distributions, modules_of, imports, system_packages: as in ProbeOrder. commands: to be run by
    the image's shell. timeout_s: for each import and each command. gpus: None: none, `no_gpu` says
    why. network: `none`, or that of `--network`. labels: those of the run.
    """

    distributions: tuple[str, ...] = ()
    modules_of: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    imports: tuple[str, ...] = ()
    system_packages: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    timeout_s: float = 120.0
    gpus: Gpus | None = None
    no_gpu: str = "none was asked for"
    shm_bytes: int | None = None
    network: str = "none"
    labels: Mapping[str, str] = MappingProxyType({})
    platform: str | None = None


def run_smoke(engine: Engine, image: ImageInfo, wanted: Wanted) -> tuple[SmokeInput, GpuStart]:
    """What the containers of the image told, and what became of the GPU."""
    spec = ContainerSpec(
        image.id,
        labels=wanted.labels,
        network=wanted.network,
        shm_bytes=wanted.shm_bytes,
        gpus=wanted.gpus,
        platform=wanted.platform,
    )
    probed = probe_image(engine, image, _order(wanted), spec)
    gpu = probed.gpu if probed.gpu.asked else GpuStart(reason=wanted.no_gpu)
    spec = spec._replace(gpus=wanted.gpus if gpu.asked and gpu.fault is None else None)
    start, stop = _start_and_stop(engine, image, spec)
    commands = tuple((text, _run(engine, spec, text, wanted.timeout_s)) for text in wanted.commands)
    return _input(image, probed, gpu, wanted)._replace(
        start=start, stop=stop, grace_s=_GRACE_S, commands=commands
    ), gpu


def _order(wanted: Wanted) -> ProbeOrder:
    return ProbeOrder(
        new_token(),
        wanted.distributions,
        wanted.modules_of,
        wanted.imports,
        wanted.timeout_s,
        system_packages=wanted.system_packages,
    )


def _input(image: ImageInfo, probed: Probed, gpu: GpuStart, wanted: Wanted) -> SmokeInput:
    return SmokeInput(
        image,
        probed.result,
        probed.facts,
        probed.reason,
        gpu=gpu,
        wanted_shm_bytes=wanted.shm_bytes,
    )


def _start_and_stop(
    engine: Engine, image: ImageInfo, spec: ContainerSpec
) -> tuple[RunResult | None, RunResult | None]:
    """How the image starts by itself, and how it ends when it is told to; None: not tried."""
    if not (image.entrypoint or image.command):
        return None, None
    begun = time.monotonic()
    try:
        with container(engine, spec) as made:
            made.start()
            try:
                end = made.wait(_START_S)
            except TimedOut:
                return RunResult(timed_out=True, seconds=_START_S), _stop(made)
            seconds = time.monotonic() - begun
            return RunResult(end.code, end.out_of_memory, seconds=seconds, said=_said(made)), None
    except StartFailed as error:
        return RunResult(start_error=visible_lines(error.message)), None


def _stop(made: Container) -> RunResult:
    begun = time.monotonic()
    made.stop(_GRACE_S)
    end = made.wait(_GRACE_S)
    return RunResult(end.code, end.out_of_memory, seconds=time.monotonic() - begun)


def _run(engine: Engine, spec: ContainerSpec, text: str, timeout_s: float) -> RunResult:
    """A command of the user, by the image's own shell."""
    spec = spec._replace(entrypoint=["/bin/sh", "-c"], command=[text])
    begun = time.monotonic()
    try:
        with container(engine, spec) as made:
            made.start()
            try:
                end = made.wait(timeout_s)
            except TimedOut:
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
