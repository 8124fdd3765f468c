"""driver-capabilities: something needs driver libraries that the image does not ask for."""

from collections.abc import Iterator

from mllint.facts.cuda.capabilities import capabilities, capability_needs
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.tables import Tables

WORDS = ("nvcodec", "videocodec", "nvenc", "cuvid", "nvdec", "egl", "vulkan")

_LIBRARIES = {"video": "NVENC and NVDEC", "graphics": "OpenGL, EGL and Vulkan"}


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each capability that the stage that ships needs and leaves out."""
    stage = project.target
    asked = capabilities(project, stage) if stage is not None else None
    if stage is None or asked is None:
        return
    for need in capability_needs(project, stage):
        if asked.include(need.capability):
            continue
        own = asked.variable
        source = "" if own else f" of {stage.base.reference.text}"
        yield Problem(
            location=own.location if own else need.location,
            message=(
                f"{need.what} needs {_LIBRARIES[need.capability]} of the driver; "
                f"NVIDIA_DRIVER_CAPABILITIES{source} is {asked.text}"
            ),
            help=f'write `ENV NVIDIA_DRIVER_CAPABILITIES="{asked.text},{need.capability}"`',
            related=(Related(need.location, f"{need.what} stands here"),) if own else (),
            stage=stage.label,
        )
