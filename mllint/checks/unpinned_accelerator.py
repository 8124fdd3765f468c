"""unpinned-accelerator: torch, tensorflow and the like, taken in whatever version is newest."""

from collections.abc import Iterator

from mllint.facts.cuda.cpu_evidence import says_cpu
from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install, Installer
from mllint.facts.installs.pinning import (
    Pinning,
    chosen_build,
    is_moving_accelerator,
    moves_cuda,
    passed_over_index,
    pinning,
)
from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.tables import Tables

# Folders whose images follow the newest release on purpose.
_SAMPLES = frozenset({"examples", "example", "tests", "test", "samples"})


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each accelerator that nothing keeps from moving to another CUDA."""
    if _SAMPLES & set(project.path.split("/")[:-1]):
        return
    for stage, environment, install in project.installs:
        with_cuda = moves_cuda(install, environment) and not says_cpu(project, stage)
        problem = _problem(install, environment, tables, with_cuda=with_cuda)
        if problem is not None:
            yield problem._replace(stage=stage.label)


def _problem(
    install: Install, environment: Environment, tables: Tables, *, with_cuda: bool
) -> Problem | None:
    if not is_moving_accelerator(install, environment, tables):
        return None
    lost = passed_over_index(install, environment, tables)
    if lost is not None and install.chosen is not None:
        # Which index it comes from is no guess then, and told by a rule of its own.
        lost = None
        if pinning(install, environment, tables) is Pinning.CAPPED:
            return None
    if lost is not None:
        return Problem(
            location=install.location,
            message=(
                f"pip takes the newest {install.name} of all indexes: the public one has "
                f"{lost.public}, and the {lost.variant} index ends at {lost.newest}"
            ),
            help=f"write `{install.name}=={lost.newest}`, or make the {lost.variant} index the "
            "only one with --index-url",
            severity=Severity.WARNING if install.conditional else None,
        )
    bound = f"only {install.specifier}" if install.specifier else "no version"
    build = chosen_build(install)
    what = (
        f"the newest {build} build"
        if build
        else f"the newest release{' and its CUDA' if with_cuda else ''}"
    )
    return Problem(
        location=install.location,
        message=f"{install.name} has {bound}, so each build takes {what}",
        help=f"write `{install.name}{install.installer.equals}` and the version you tested, or hold"
        f" it with a lock{'' if install.installer is Installer.CONDA else ' or a constraint'}",
        severity=Severity.WARNING,
    )
