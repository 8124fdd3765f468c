"""A service in, what says that it needs an NVIDIA GPU, or wants none, out."""

from collections.abc import Iterator

from mllint.facts.compose.model import GpuWay, Service, Setting
from mllint.facts.compose.project import ComposeProject
from mllint.facts.cuda.gpu_evidence import GpuEvidence, gpu_evidence, says_no_gpu
from mllint.facts.images.base_image import BaseImage, Cuda
from mllint.facts.unknown import Unknown
from mllint.parse.source import Location
from mllint.tables import Tables

_VISIBLE = ("NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES")
_NO_DEVICES = frozenset({"", "-1", "none", "void", "no", "false"})
# A service that only prepares something, or shows what others have written.
_IDLE = frozenset({"true", "echo", "exit", "sleep", "tensorboard", "tail", "chown", "mkdir", "cp"})

# Of the packages made for a GPU those that nobody installs to run them on a CPU.
_USELESS_ON_CPU = frozenset({"flash-attn", "sglang", "tensorrt-llm", "vllm"})


def gpu_needs(project: ComposeProject, service: Service, tables: Tables) -> tuple[GpuEvidence, ...]:
    """The signs that the service uses a GPU, strongest first; () when something speaks against.

    Against it: a variable that hides the devices, `cpu` in its name, command or settings, or a
    second service on the same image that asks for the GPU itself.
    """
    if not service.complete or service.stack or _is_for_cpu(project, service):
        return ()
    return tuple(_signs(project, service, tables))


def _is_for_cpu(project: ComposeProject, service: Service) -> bool:
    started = [
        word for part in (service.entrypoint, service.command) if part for word in part.known
    ]
    values = [item.value for item in service.environment if isinstance(item.value, str)]
    named = (service.name, *service.profiles, project.compose.path.rpartition("/")[2])
    if any("cpu" in text.lower() for text in (*named, *started, *values)):
        return True
    if any(word.rpartition("/")[2] in _IDLE for word in started[:1]):
        return True
    for name in _VISIBLE:
        setting = service.setting(name)
        if setting is not None and (setting.value is None or hides_gpus(setting)):
            return True
    return project.asks_elsewhere(service)


def hides_gpus(setting: Setting) -> bool:
    """Whether the value of a variable for visible devices names none, or is not known."""
    return isinstance(setting.value, Unknown) or str(setting.value).lower() in _NO_DEVICES


def _signs(project: ComposeProject, service: Service, tables: Tables) -> Iterator[GpuEvidence]:
    for name in _VISIBLE:
        setting = service.setting(name)
        if setting is not None and not setting.chosen and setting.value:
            yield GpuEvidence(setting.location, f"{name} is {setting.value}")
    built = project.built(service)
    if built is not None and built.target is not None:
        if not says_no_gpu(built.target):
            for sign in gpu_evidence(built, built.target):
                certain = sign.package is None or sign.package in _USELESS_ON_CPU
                if certain and sign.variable is None:
                    yield sign
        return
    image = None if service.image_chosen else project.image(service, tables)
    if image is not None and isinstance(image.cuda, Cuda) and service.image is not None:
        yield GpuEvidence(service.image[1], f"the image brings CUDA {image.cuda.version}")


def runtime_without_devices(
    project: ComposeProject, service: Service, tables: Tables
) -> Location | None:
    """Where `runtime: nvidia` stands alone; None when something names the devices, or may.

    The runtime gives a container those of NVIDIA_VISIBLE_DEVICES, and none when it is not set.
    """
    ways = {request.way for request in service.gpus}
    if ways != {GpuWay.RUNTIME} or service.runtime is None or service.runtime[0] != "nvidia":
        return None
    named = service.setting("NVIDIA_VISIBLE_DEVICES")
    if named is not None or service.env_files or not service.complete:
        return None
    built = project.built(service)
    if built is not None and built.target is not None:
        stage = built.target
        set_here = stage.env.get("NVIDIA_VISIBLE_DEVICES")
        unset = set_here is None and _is_unset(stage.base)
    else:
        image = project.image(service, tables)
        unset = image is not None and _is_unset(image)
    return service.runtime[1] if unset else None


def _is_unset(image: BaseImage) -> bool:
    return image.variable("NVIDIA_VISIBLE_DEVICES") is None
