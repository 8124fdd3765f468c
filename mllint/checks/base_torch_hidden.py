"""base-torch-hidden: a virtual environment gets a torch beside the one of the base image."""

from collections.abc import Iterator

from mllint.facts.environments.hidden_torch import HiddenTorch, hidden_torches
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such environment."""
    for found in hidden_torches(project):
        yield _problem(project, found)


def _problem(project: Project, found: HiddenTorch) -> Problem:
    image = found.stage.base.reference.text
    root = project.root(found.stage)
    torch = f"torch {found.version}".rstrip()
    place = found.environment.prefix if isinstance(found.environment.prefix, str) else "it"
    related = [Related(root.location, f"{image} holds {torch}")]
    if found.environment.created is not None:
        related.append(Related(found.environment.created, f"{place} is made here"))
    return Problem(
        location=found.install.location,
        message=f"{place} does not see {torch} of {image}, so {found.install.text} brings another",
        help="make it with `--system-site-packages`, or take an image without torch",
        related=tuple(related),
        stage=found.stage.label,
    )
