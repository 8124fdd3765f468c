"""ld-library-path-shadow: LD_LIBRARY_PATH puts libraries before those that belong there."""

from collections.abc import Iterator

from mllint.facts.cuda.library_path import PathFault, Shadow, path_faults
from mllint.facts.project import Project
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables

WORDS = ("ld_library_path", "stubs")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such folder on the path of the stage that ships."""
    stage = project.target
    if stage is None:
        return
    for fault in path_faults(project, stage, tables):
        torch = fault.torch
        yield Problem(
            location=fault.location,
            message=_message(fault),
            help=_help(fault),
            related=(Related(torch.location, f"{torch.text} brings its own"),) if torch else (),
            severity=_severity(fault),
            stage=stage.label,
        )


def _severity(fault: PathFault) -> Severity | None:
    if fault.shadow is Shadow.STUBS and fault.linked:
        return None
    worth_knowing = fault.shadow is Shadow.LOST or fault.perhaps_meant
    return Severity.INFO if worth_knowing else Severity.WARNING


def _message(fault: PathFault) -> str:
    folder = fault.folder
    match fault.shadow:
        case Shadow.STUBS:
            return (
                f"{folder} holds a stub of libcuda to link with, and a container looks there "
                "before it finds the driver's"
            )
        case Shadow.COMPAT:
            return (
                f"{folder} holds a libcuda that runs on data-centre GPUs with an older driver "
                "only, and it stands before the driver's"
            )
        case Shadow.OLDER_CUDA:
            torch = fault.torch
            wheel = f"the {torch.cuda} that {torch.text} brings" if torch else "that of the wheels"
            return f"{folder} puts CUDA {fault.cuda} of the base image before {wheel}"
        case Shadow.OTHER_PYTHON:
            return f"{folder} is not there: the Python of this stage is {fault.python}"
        case Shadow.LOST:
            return f"the base image's {folder} is no longer on LD_LIBRARY_PATH"


def _help(fault: PathFault) -> str:
    match fault.shadow:
        case Shadow.STUBS:
            return "leave it out, and link with `LIBRARY_PATH`, or with LD_LIBRARY_PATH in one RUN"
        case Shadow.COMPAT:
            return "leave it out, or put it behind: `LD_LIBRARY_PATH=${LD_LIBRARY_PATH}:…/compat`"
        case Shadow.OLDER_CUDA:
            return "leave it out: torch finds its own CUDA by itself"
        case Shadow.OTHER_PYTHON:
            python = fault.python
            name = f"python{python.major}.{python.minor}" if python else "the Python that is there"
            return f"name the folder of {name}"
        case Shadow.LOST:
            return "add `:${LD_LIBRARY_PATH}` at the end"
