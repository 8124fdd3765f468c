"""A stage in; what in it needs driver libraries beyond compute, and which ones it asks for, out."""

from collections.abc import Iterator

from mllint.facts.commands.entry import entry_words
from mllint.facts.project import Project
from mllint.facts.stage import Stage, Variable
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

_NAME = "NVIDIA_DRIVER_CAPABILITIES"
_VISIBLE = ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES")
_VIDEO_PACKAGES = ("pynvvideocodec", "pynvcodec", "nvidia-pynvvideocodec")
# ffmpeg's encoders and decoders on the GPU, and the switches that build it with them.
_VIDEO_WORDS = ("_nvenc", "_cuvid", "--enable-nvenc", "--enable-cuvid", "--enable-nvdec")
# Variables that choose rendering by the driver's EGL.
_EGL = ("MUJOCO_GL", "PYOPENGL_PLATFORM")


class CapabilityNeed(NamedTuple):
    """Something that needs the `video` or the `graphics` libraries of the driver."""

    capability: str
    what: str
    location: Location


class Capabilities(NamedTuple):
    """What the stage asks of the driver; variable: its own ENV, None where the base image's."""

    text: str
    variable: Variable | None

    def include(self, capability: str) -> bool:
        """Whether the libraries are put into the container."""
        asked = {part.strip() for part in self.text.split(",")}
        return capability in asked or "all" in asked


def capabilities(project: Project, stage: Stage) -> Capabilities | None:
    """What the stage asks for; None where nothing does, or where that is not known."""
    found = project.deciding(stage, _NAME)
    value = found.value if found is not None else stage.base.variable(_NAME)
    return Capabilities(value, found) if isinstance(value, str) and value else None


def capability_needs(project: Project, stage: Stage) -> Iterator[CapabilityNeed]:
    """What needs more than compute and utility, the first of each capability."""
    for found in (_video(project, stage), _graphics(project, stage)):
        need = next(found, None)
        if need is not None:
            yield need


def _video(project: Project, stage: Stage) -> Iterator[CapabilityNeed]:
    for environment in stage.environments:
        for install in environment.of(*_VIDEO_PACKAGES):
            yield CapabilityNeed("video", str(install.name), install.location)
    for entry in stage.entry:
        for word in entry_words(entry):
            if word.endswith(_VIDEO_WORDS[:2]):
                yield CapabilityNeed("video", word, project.at(entry))
    for ancestor in project.lineage(stage):
        for execution in ancestor.executions:
            for word in execution.words:
                if word in _VIDEO_WORDS:
                    yield CapabilityNeed("video", f"ffmpeg {word}", execution.location)


def _graphics(project: Project, stage: Stage) -> Iterator[CapabilityNeed]:
    for name in _EGL:
        variable = project.deciding(stage, name)
        if variable is not None and variable.value == "egl":
            yield CapabilityNeed("graphics", f"{name}=egl", variable.location)
    for package in stage.packages:
        if package.name == "vulkan-tools" and not package.removed:
            yield CapabilityNeed("graphics", package.name, package.location)


def fixed_devices(project: Project, stage: Stage) -> Iterator[tuple[Variable, str]]:
    """The variables of the image that name single GPUs, by number or by UUID."""
    for name in _VISIBLE:
        variable = project.deciding(stage, name)
        if variable is None or isinstance(variable.value, Unknown) or not variable.value:
            continue
        items = [item.strip() for item in variable.value.split(",")]
        if all(item.isdigit() or item.startswith(("GPU-", "MIG-")) for item in items):
            yield variable, variable.value
