"""The options of `mllint doctor` in, all that it looks at out; changes nothing but by --pull."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from mllint.report.visible import visible_lines
from mllint.signals import stopped_by_signals
from mllint.verify.building.docker_cli import find_cli
from mllint.verify.doctor import Seen, Trial
from mllint.verify.engines.cleanup import Run, new_run, remove_run
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.containers import container
from mllint.verify.engines.engine import Engine, connect
from mllint.verify.engines.failures import EngineError, StartFailed
from mllint.verify.engines.gpu_start import gpu_start_failure
from mllint.verify.engines.hosts import find_endpoints
from mllint.verify.engines.machine import Machine, read_machine
from mllint.verify.engines.run_results import GpuStart
from mllint.verify.wishes import every_gpu

_PULLED = "busybox:1.36"
_PULL_TIMEOUT_S = 120.0
_TRIED_IMAGES = 5
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
        try:
            trial = _trial(engine, run, pull)
            gpu_trial = _gpu_trial(engine, run) if _offers_gpu(engine, machine) else None
        except EngineError as error:  # of listing or fetching images: the rest is still told
            trial = Trial(_PULLED, error.message)
        finally:
            remove_run(engine, run)
        free = engine.info.free_bytes() if local else None
        place = engine.endpoint.url
        return Seen(place, engine.info, "", "", cli, free, machine, trial, gpu_trial)


def _offers_gpu(engine: Engine, machine: Machine | None) -> bool:
    info = engine.info
    offered = "nvidia" in info.runtimes or any("nvidia" in each for each in info.cdi_devices)
    return offered or (machine is not None and machine.driver is not None)


def _trial(engine: Engine, run: Run, pull: bool) -> Trial:
    """Whether a container of an image that is there runs."""
    found = Trial(None)
    for image in _images(engine, pull):
        spec = ContainerSpec(image, command=[], entrypoint=["/bin/sh", "-c", "exit 0"])
        found = _try(engine, run, image, spec)
        if found.error is None or "exec" not in found.error:
            return found
    return found


def _gpu_trial(engine: Engine, run: Run) -> Trial:
    """Whether nvidia-smi runs in a container that gets a GPU."""
    gpus = every_gpu(engine.info)
    found = Trial(None)
    for image in _images(engine, False):
        spec = ContainerSpec(image, command=["-L"], entrypoint=["nvidia-smi"], gpus=gpus)
        found = _try(engine, run, image, spec)
        if found.error is None or found.gpu.fault is not None:
            return found
    return found


def _try(engine: Engine, run: Run, image: str, spec: ContainerSpec) -> Trial:
    try:
        with container(engine, spec._replace(labels=run.labels)) as made:
            made.start(_RUN_TIMEOUT_S)
            end = made.wait(_RUN_TIMEOUT_S)
            output = made.output(_OUTPUT_BYTES)
    except StartFailed as error:
        fault = gpu_start_failure(error.message) if spec.gpus is not None else None
        return Trial(image, visible_lines(error.message), fault or GpuStart())
    except EngineError as error:
        return Trial(image, error.message)
    said = visible_lines((output.stdout + output.stderr).decode("utf-8", "replace").strip())
    return Trial(image, None if end.code == 0 else f"status {end.code}: {said}", said=said)


def _images(engine: Engine, pull: bool) -> Iterator[str]:
    """Names of images that are there, the smallest first; with `pull` one that is fetched."""
    listed = engine.read("listing images", "GET", "/images/json")
    named = [each for each in listed if each.get("RepoTags")]
    named.sort(key=lambda each: int(each.get("Size") or 0))
    if not named and pull:
        _pull(engine)
        yield _PULLED
    yield from (str(each["RepoTags"][0]) for each in named[:_TRIED_IMAGES])


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
