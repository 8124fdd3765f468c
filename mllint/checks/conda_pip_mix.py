"""conda-pip-mix: pip puts another torch over the one that conda installed."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.wheels.conda_swaps import CondaSwap, conda_swaps
from mllint.finding import Problem, Related
from mllint.tables import Tables

WORDS = ("conda", "mamba")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the first such install of each conda environment."""
    for stage in project.judged:
        for environment in stage.environments:
            for swap in conda_swaps(environment, tables):
                if swap.install.stage == stage.index and not project.refuses(swap.install):
                    yield _problem(stage, swap)


def _problem(stage: Stage, swap: CondaSwap) -> Problem:
    conda, install = swap.conda, swap.install
    what = f"{install.text} requires {swap.needs}" if swap.needs != install.text else swap.needs
    return Problem(
        location=install.location,
        message=f"conda installed {conda.text}, and pip puts another torch over it: {what}",
        help=f"leave `{conda.text}` out and take torch with pip, or ask pip for the version of "
        "conda",
        related=(Related(conda.location, f"conda installs {conda.text}"),),
        stage=stage.label,
    )
