"""cuda-extension-build-isolation: setup.py of an extension imports a torch it cannot see."""

from collections.abc import Iterator

from mllint.facts.cuda.isolation import OutOfReach, TorchlessBuild, torchless_builds
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such build of the judged stages."""
    for stage in project.judged:
        for found in torchless_builds(project, stage, tables):
            torch = found.torch
            yield Problem(
                location=found.build.location,
                message=_message(found),
                help=_help(found),
                related=(Related(torch, "torch is installed here"),) if torch else (),
                stage=stage.label,
            )


def _message(found: TorchlessBuild) -> str:
    setup = f"setup.py of {found.build.name} imports torch"
    match found.reason:
        case OutOfReach.ISOLATED:
            return f"{setup}, and {found.who} builds it in an environment of its own, without torch"
        case OutOfReach.SAME_COMMAND:
            return f"{setup}, which {found.who} installs only after it has read every setup.py"
        case OutOfReach.LATER:
            line = found.torch.span.line if found.torch else 0
            return f"{setup}, which is installed only later, on line {line}"


def _help(found: TorchlessBuild) -> str:
    if found.reason is OutOfReach.ISOLATED:
        return f"install {found.build.name} behind torch, with `--no-build-isolation`"
    return f"install torch by a command before the one that installs {found.build.name}"
