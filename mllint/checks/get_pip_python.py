"""get-pip-python: the newest get-pip.py is run by a Python that it no longer serves."""

from collections.abc import Iterator

from mllint.facts.environments.get_pip import RefusedBootstrap, refused_bootstraps
from mllint.facts.project import Project
from mllint.finding import Edit, Fix, Problem, Related
from mllint.tables import Tables

WORDS = ("get-pip",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each Python of a stage that get-pip.py turns away."""
    for stage in project.judged:
        told: set[str] = set()
        for refused in refused_bootstraps(stage, tables):
            version = f"{refused.script.python}"
            if version not in told:
                told.add(version)
                yield Problem(
                    refused.download.location,
                    f"this get-pip.py refuses Python {version}, which runs it here",
                    f"fetch `{refused.script.url}`",
                    related=(Related(refused.execution.location, f"Python {version} runs it"),),
                    fix=_fix(refused, alone=len(stage.bootstraps) == 1),
                    stage=stage.label,
                )


def _fix(refused: RefusedBootstrap, *, alone: bool) -> Fix | None:
    # A script for 3.9 would be the wrong one for the 3.12 that runs the same file.
    if not refused.download.bare or not alone:
        return None
    edit = Edit(refused.download.location, refused.script.url)
    return Fix(f"fetch the script for Python {refused.script.python}", (edit,), safe=True)
