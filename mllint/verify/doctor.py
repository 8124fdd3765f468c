"""What was found of an engine and of this machine in, a line for each thing a build needs, out.

Pure. NOT_MEASURED is what could not be tried, SKIPPED what this machine does not need.
"""

from collections.abc import Iterator

from mllint.named_tuple import NamedTuple
from mllint.report.size import size_text
from mllint.verify.building.docker_cli import DockerCli
from mllint.verify.engines.engine_info import EngineInfo
from mllint.verify.engines.machine import Machine
from mllint.verify.engines.run_results import GpuStart
from mllint.verify.smoke.checks import Check, failed, not_measured, passed, skipped, warned

_LEAST_FREE_BYTES = 2_000_000_000
"""Python, torch for the CPU and what it needs take 1 GB, and a build holds it twice."""
_ENOUGH_FREE_BYTES = 20_000_000_000
"""An image with torch and its CUDA libraries takes 6 to 10 GB, and a build holds it twice."""
_RESTART = "sudo systemctl restart docker"
_STAND_IN = "stand-in"
"""How what takes the place of NVIDIA's runtime in tests names its GPUs."""


class Trial(NamedTuple):
    """A container that was tried. image: None: there was none to try. error: why it did not run.

    gpu: what became of the GPU that it was to get; said: what nvidia-smi printed. hung: it did not
    come to an end. help: what the error itself says to do.
    """

    image: str | None
    error: str | None = None
    gpu: GpuStart = GpuStart()
    said: str = ""
    hung: bool = False
    help: str = ""


class Seen(NamedTuple):
    """All that was found. engine: None where none answers, `lack` and `help` then say why.

    machine: None where the engine is on another one. trial, gpu_trial: None: not tried. left: what
    they made and could not be removed.
    """

    place: str
    engine: EngineInfo | None
    lack: str = ""
    help: str = ""
    cli: DockerCli | None = None
    free_bytes: int | None = None
    machine: Machine | None = None
    trial: Trial | None = None
    gpu_trial: Trial | None = None
    left: tuple[str, ...] = ()


def doctor_checks(seen: Seen) -> tuple[Check, ...]:
    """The checks, in the order in which they are to be mended."""
    left = (warned("left behind", each, "mllint verify --clean") for each in seen.left)
    return (*_engine(seen), *_tools(seen), *_nvidia(seen), *_containers(seen), *left)


def _engine(seen: Seen) -> Iterator[Check]:
    info = seen.engine
    if info is None:
        yield failed("engine", seen.lack, help=seen.help)
        return
    name = "Podman" if info.kind == "podman" else "Docker"
    yield passed("engine", f"{name} {info.version}, {info.platform}, at {seen.place}")
    yield _disk(seen.free_bytes, info)


def _disk(free_bytes: int | None, info: EngineInfo) -> Check:
    if free_bytes is None:
        return not_measured("disk", "the engine keeps its images on another machine")
    detail = f"{size_text(free_bytes)} free below {info.root_folder}"
    prune = f"{info.kind} system prune"
    if free_bytes < _LEAST_FREE_BYTES:
        return failed("disk", f"{detail}: too little for any image with a framework", help=prune)
    if free_bytes < _ENOUGH_FREE_BYTES:
        return warned("disk", f"{detail}: too little for a CUDA image", prune)
    return passed("disk", detail)


def _tools(seen: Seen) -> Iterator[Check]:
    cli = seen.cli
    podman = seen.engine is not None and seen.engine.kind == "podman"
    if cli is None:
        reason = "there is no docker command on the PATH"
        if podman:
            yield skipped("docker command", f"{reason}; Podman builds without it")
            return
        help = "sudo apt install docker-cli docker-buildx (Fedora: sudo dnf install docker-cli)"
        yield failed("docker command", f"{reason}: BuildKit is used through it", help=help)
        return
    yield passed("docker command", f"{cli.path}, {cli.version}")
    if podman:
        yield skipped("BuildKit", "Podman builds by itself")
    elif cli.buildx:
        yield passed("BuildKit", "docker buildx is there")
    elif cli.buildkit:
        yield passed("BuildKit", "built into this docker command; docker buildx is not there")
    else:
        help = "sudo apt install docker-buildx (packages of Docker: docker-buildx-plugin)"
        yield failed(
            "BuildKit", f"docker {cli.version} needs buildx for it, and there is none", help=help
        )


def _nvidia(seen: Seen) -> Iterator[Check]:
    machine, info = seen.machine, seen.engine
    if machine is None:
        yield not_measured("NVIDIA GPU", "the engine is on another machine")
        return
    if not machine.gpus and machine.driver is None:
        yield skipped("NVIDIA GPU", "this machine has none")
        return
    where = f"{machine.gpus} on the PCI bus" if machine.gpus else "a driver is loaded for one"
    yield passed("NVIDIA GPU", where)
    if machine.driver is None:
        yield failed(
            "NVIDIA driver",
            "no driver is loaded",
            help="sudo apt install nvidia-driver (Ubuntu: sudo ubuntu-drivers install); reboot",
        )
        return
    if machine.smi_ok:
        yield passed("NVIDIA driver", f"{machine.driver}: {machine.smi}")
    else:
        said = f"{machine.driver}, and nvidia-smi fails: {machine.smi or 'it is not there'}"
        yield failed("NVIDIA driver", said, help="reboot")
    if info is not None:
        yield _podman_toolkit(machine) if info.kind == "podman" else _toolkit(machine, info)


def _toolkit(machine: Machine, info: EngineInfo) -> Check:
    name = "container toolkit"
    devices = [device for device in info.cdi_devices if device.startswith("nvidia.com/gpu")]
    if devices:
        return passed(name, f"{len(devices)} devices by CDI")
    if "nvidia" in info.runtimes:
        return passed(name, "the engine has the runtime nvidia")
    reason = "the engine has no runtime nvidia and no CDI device"
    if machine.toolkit:
        configure = f"sudo nvidia-ctk runtime configure --runtime=docker && {_RESTART}"
        return failed(name, reason, help=configure)
    install = "sudo apt install nvidia-container-toolkit (from NVIDIA's repository)"
    return failed(name, reason, help=f"{install}, then sudo nvidia-ctk runtime configure")


def _podman_toolkit(machine: Machine) -> Check:
    """Podman gives GPUs by the files that describe them, and by its own command alone."""
    name = "container toolkit"
    if machine.cdi is not None:
        return passed(name, f"{machine.cdi} describes the devices for Podman")
    generate = "sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml"
    if not machine.toolkit:
        generate = f"sudo apt install nvidia-container-toolkit, then {generate}"
    return failed(name, "no file in /etc/cdi describes the devices for Podman", help=generate)


def _containers(seen: Seen) -> Iterator[Check]:
    podman = seen.engine is not None and seen.engine.kind == "podman"
    if seen.trial is not None:
        yield _trial(seen.trial, podman)
    gpu, name = seen.gpu_trial, "nvidia-smi in a container"
    if podman and seen.machine is not None and seen.machine.driver is not None:
        reason = "Podman gives its containers no GPU through this API"
        help = "podman run --rm --device nvidia.com/gpu=all ubuntu:24.04 nvidia-smi -L"
        yield not_measured(name, reason, help)
    if gpu is None:
        return
    if gpu.image is None:
        yield not_measured(name, "no image is there to try it in", "docker pull ubuntu:24.04")
    elif gpu.gpu.fault is not None:
        yield failed(name, f"{gpu.gpu.fault.value}: {gpu.gpu.said}", help=gpu.gpu.help)
    elif gpu.error is not None:
        help = f"docker run --rm --gpus all --entrypoint nvidia-smi {gpu.image}"
        yield failed(name, f"in {gpu.image}: {gpu.error}", help=gpu.help or help)
    elif _STAND_IN in gpu.said.lower():
        yield not_measured(name, f"what answers is no GPU: {gpu.said}")
    elif seen.machine is not None and not seen.machine.gpus:
        yield not_measured(name, f"it says {gpu.said}, and no NVIDIA GPU is on the PCI bus")
    else:
        yield passed(name, f"in {gpu.image}: {gpu.said}")


def _trial(trial: Trial, podman: bool) -> Check:
    name = "a container"
    if trial.image is None:
        reason = "no image with a shell is there to try one of"
        return not_measured(name, reason, "mllint doctor --pull")
    if trial.error is not None:
        help = f"podman run --rm {trial.image} true" if podman else _RESTART
        told = f"of {trial.image} does not run: {trial.error}"
        return failed(name, told, help=trial.help or help)
    return passed(name, f"of {trial.image} runs")
