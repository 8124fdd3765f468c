"""The options of `mllint doctor` in, all that it looks at out; changes nothing but by --pull."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from mllint.report.visible import visible_lines
from mllint.signals import stopped_by_signals
from mllint.verify.building.docker_cli import find_cli
from mllint.verify.doctor import Seen, Trial
from mllint.verify.engines.cleanup import REPOSITORY, Run, new_run, remove_run
from mllint.verify.engines.container_programs import has_program
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.containers import container
from mllint.verify.engines.engine import Engine, connect
from mllint.verify.engines.failures import EngineError, StartFailed, TimedOut
from mllint.verify.engines.gpu_start import gpu_hang, gpu_start_failure
from mllint.verify.engines.hosts import find_endpoints
from mllint.verify.engines.image_info import read_image
from mllint.verify.engines.machine import Machine, read_machine
from mllint.verify.engines.run_results import GpuStart
from mllint.verify.wishes import every_gpu

_PULLED = "busybox:1.36"
_PULL_TIMEOUT_S = 120.0
_TRIED_IMAGES = 12
_SHELL = "/bin/sh"
_RUN_TIMEOUT_S = 30.0
_OUTPUT_BYTES = 2_000


def examine(host: str | None, pull: bool) -> Seen:
    """What is there; nothing of the engine where none answers."""
    cli = find_cli(os.environ)
    machine: Machine | None
    endpoints = find_endpoints(host, os.environ, Path.home())
    try:
        engine = connect(endpoints)
    except EngineError as error:
        machine = read_machine(Path("/"), os.environ)
        return Seen("", None, error.message, error.help, cli, machine=machine)
    with engine, stopped_by_signals():
        local = engine.endpoint.socket is not None
        machine = read_machine(Path("/"), os.environ) if local else None
        run = new_run()
        gpu_trial: Trial | None = None
        left: tuple[str, ...] = ()
        try:
            trial = _trial(engine, run, pull)
            gpu_trial = _gpu_trial(engine, run) if _offers_gpu(engine, machine) else None
        except EngineError as error:  # of listing or fetching images: the rest is still told
            trial = Trial(_PULLED, error.message)
        finally:
            left = remove_run(engine, run)
        free = engine.info.free_bytes() if local else None
        place = engine.endpoint.url
        return Seen(place, engine.info, "", "", cli, free, machine, trial, gpu_trial, left)


def _offers_gpu(engine: Engine, machine: Machine | None) -> bool:
    """Whether there is a way to try; Podman drops the request, and starts the container."""
    info = engine.info
    if info.kind == "podman":
        return False
    offered = "nvidia" in info.runtimes or any("nvidia" in each for each in info.cdi_devices)
    return offered or (machine is not None and machine.driver is not None)


def _trial(engine: Engine, run: Run, pull: bool) -> Trial:
    """Whether a container runs, of an image that is there, that has a shell, and is for here."""
    failed = Trial(None)
    for image in _images(engine):
        if read_image(engine, image).platform.split("/")[:2] != engine.info.platform.split("/"):
            continue
        found = _try_shell(engine, run, image)
        if found.image is not None and found.error is None:
            return found
        failed = failed if failed.image is not None else found
        if found.hung:
            break
    if failed.image is None and pull:
        _pull(engine)
        return _try_shell(engine, run, _PULLED)
    return failed


def _try_shell(engine: Engine, run: Run, image: str) -> Trial:
    spec = ContainerSpec(image, command=["-c", "exit 0"], entrypoint=[_SHELL])
    return _try(engine, run, image, spec, needs=_SHELL)


def _gpu_trial(engine: Engine, run: Run) -> Trial:
    """Whether nvidia-smi runs in a container that gets a GPU.

    The runtime lays the program into it. What an image wants of the driver does not count: it is
    the machine that is looked at.
    """
    gpus = every_gpu(engine.info)
    failed = Trial(None)
    for image in _images(engine):
        spec = ContainerSpec(image, command=["-L"], entrypoint=["nvidia-smi"], gpus=gpus)
        spec = spec._replace(environment={"NVIDIA_DISABLE_REQUIRE": "1"})
        found = _try(engine, run, image, spec)
        if found.error is None or found.gpu.fault is not None:
            return found
        failed = found  # an image without a C library cannot run it
    return failed


def _try(engine: Engine, run: Run, image: str, spec: ContainerSpec, needs: str = "") -> Trial:
    """What came of it; a Trial without an image where the image does not have what it `needs`."""
    try:
        with container(engine, spec._replace(labels=run.labels)) as made:
            if needs and not has_program(made, needs):
                return Trial(None)
            made.start(_RUN_TIMEOUT_S)
            end = made.wait(_RUN_TIMEOUT_S)
            output = made.output(_OUTPUT_BYTES)
    except StartFailed as error:
        fault = gpu_start_failure(error.message) if spec.gpus is not None else None
        return Trial(image, visible_lines(error.message), fault or GpuStart())
    except TimedOut as error:
        fault = gpu_hang(error.message) if spec.gpus is not None else GpuStart()
        return Trial(image, error.message, fault, hung=True)
    except EngineError as error:
        return Trial(image, error.message, help=error.help)
    said = visible_lines((output.stdout + output.stderr).decode("utf-8", "replace").strip())
    return Trial(image, None if end.code == 0 else f"status {end.code}: {said}", said=said)


def _images(engine: Engine) -> Iterator[str]:
    """Names of images that are there, the smallest first; those of `verify` may soon be gone."""
    listed = engine.read("listing images", "GET", "/images/json")
    listed.sort(key=lambda each: int(each.get("Size") or 0))
    return islice((name for each in listed for name in _lasting(each)[:1]), _TRIED_IMAGES)


def _lasting(image: Mapping[str, Any]) -> list[str]:
    names = (str(name) for name in image.get("RepoTags") or ())
    return [n for n in names if "<none>" not in n and n.rpartition(":")[0] != REPOSITORY]


def _pull(engine: Engine) -> None:
    name, _, tag = _PULLED.partition(":")
    deadline = time.monotonic() + _PULL_TIMEOUT_S
    pieces = engine.stream(
        f"pulling {_PULLED}",
        "POST",
        "/images/create",
        deadline,
        params={"fromImage": name, "tag": tag},
        headers=engine.registry_headers(),
    )
    for line in b"".join(pieces).splitlines():
        told = json.loads(line) if line.strip() else {}
        if told.get("error"):
            raise EngineError(f"{_PULLED} cannot be pulled: {told['error']}")
