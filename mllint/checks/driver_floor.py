"""driver-floor: the image needs more than the driver or the GPU that it is to run on."""

from collections.abc import Iterator

from mllint.facts.cuda.hardware import HardwareNeed, Lack, hardware_needs
from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such need of the stage that ships."""
    stage = project.target
    if stage is None:
        return
    for need in hardware_needs(project, stage, tables):
        yield Problem(
            location=need.location,
            message=_message(need),
            help=_help(need),
            severity=_severity(need),
            stage=stage.label,
        )


def _severity(need: HardwareNeed) -> Severity | None:
    if need.lack is Lack.UNDECLARED:
        return Severity.INFO
    return None if need.certain else Severity.WARNING


def _message(need: HardwareNeed) -> str:
    match need.lack:
        case Lack.UNDECLARED:
            return f"{need.what} brings CUDA {need.cuda}, which needs driver {need.needed} or newer"
        case Lack.DRIVER:
            return (
                f"{need.what} brings CUDA {need.cuda}, which needs driver {need.needed}; "
                f"the target has {need.has}"
            )
        case Lack.START:
            return (
                f"{need.what} asks for CUDA {need.cuda} when it starts, which comes with driver "
                f"{need.needed}; the target has {need.has}"
            )
        case Lack.ARCH:
            return f"{need.what} holds code for {need.needed}; the target has {need.has}"
        case Lack.PACKAGE:
            return (
                f"{need.what} runs on compute capability {need.needed} and higher; "
                f"the target has {need.has}"
            )


def _help(need: HardwareNeed) -> str:
    match need.lack:
        case Lack.UNDECLARED:
            return 'name the driver of the hosts: `[target] driver = "…"` in mllint.toml'
        case Lack.DRIVER:
            return f"take a build for an older CUDA, or update the driver to {need.needed}"
        case Lack.START:
            return "take an image with an older CUDA, or set `ENV NVIDIA_DISABLE_REQUIRE=1`"
        case Lack.ARCH:
            return "take a build of torch that holds code for it"
        case Lack.PACKAGE:
            return "leave it out for this GPU, or take another GPU"
