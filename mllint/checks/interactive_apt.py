"""interactive-apt: a package asks a question while it is installed."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.system.apt_questions import asking_packages
from mllint.finding import Problem
from mllint.tables import Tables

WORDS = ("apt",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the first package of each command that asks."""
    for stage in project.judged:
        for package in asking_packages(project, stage):
            yield Problem(
                package.location,
                f"{package.name} asks a question when it is set up, and DEBIAN_FRONTEND is not "
                "noninteractive",
                f"write `DEBIAN_FRONTEND=noninteractive {package.execution.program} install`",
                stage=stage.label,
            )
