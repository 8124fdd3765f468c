"""uv-without-environment: uv is to install, and finds no virtual environment to install into."""

from collections.abc import Iterator

from mllint.facts.environments.missing_environment import commands_without_environment
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.tables import Tables

WORDS = ("uv",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such command; the first one of a stage ends its build."""
    for stage in project.judged:
        for run in commands_without_environment(project, stage):
            yield Problem(
                location=run.location,
                message=(
                    "uv installs into a virtual environment only, unless it is told otherwise, "
                    "and there is none"
                ),
                help="write `uv pip install --system`, or `ENV UV_SYSTEM_PYTHON=1` above",
                stage=stage.label,
            )
            break
