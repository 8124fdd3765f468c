"""git-missing: an install clones a repository, and there is no git in the stage."""

from collections.abc import Iterator

from mllint.facts.images.base_image import Distro
from mllint.facts.installs.git_installs import GitInstall, installs_without_git
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.finding import Problem, Related
from mllint.parse.source import Location
from mllint.tables import Tables

WORDS = ("git+", "[tool.")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the first such requirement of each command."""
    for stage in project.judged:
        told: set[Location] = set()
        for found in installs_without_git(project, stage):
            if found.execution.location not in told:
                told.add(found.execution.location)
                yield _problem(project, stage, found)


def _problem(project: Project, stage: Stage, found: GitInstall) -> Problem:
    install = found.install
    root = project.root(stage)
    image = stage.base.reference.text
    what = install.name or "a requirement"
    related = [Related(root.location, f"{image} holds no git")]
    if install.file is not None:
        related.insert(0, Related(install.location, f"{what} is cloned"))
    return Problem(
        location=found.execution.location if install.file is not None else install.location,
        message=f"{what} is cloned with git, which neither {image} nor a command above brings",
        help=f"install `git` with {_manager(stage)} above it",
        related=tuple(related),
        stage=stage.label,
    )


def _manager(stage: Stage) -> str:
    distro = stage.base.distro
    name = distro.name if isinstance(distro, Distro) else ""
    return "apk" if name == "alpine" else "apt-get" if name in ("debian", "ubuntu") else "dnf"
