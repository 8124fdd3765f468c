"""python-command-missing: `python` is called, and the distribution brings `python3` only."""

from collections.abc import Iterator

from mllint.facts.environments.python_command import missing_python
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.tables import Tables

WORDS = ("python3",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the first such command of a stage."""
    for stage in project.judged:
        found = missing_python(project, stage)
        if found is not None:
            what = "the container starts python" if found.starts else "this RUN calls python"
            yield Problem(
                location=found.location,
                message=f"{what}, and {stage.base.distro} has a python3 only",
                help="write `python3`, or install `python-is-python3` with apt-get",
                related=(Related(found.python3.location, "python3 comes with this package"),),
                stage=stage.label,
            )
