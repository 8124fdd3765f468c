"""root-final-user: what the image starts has the rights of root."""

from collections.abc import Iterator

from mllint.facts.commands.root_service import root_service
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the stage that ships when its program runs as root."""
    stage = project.target
    service = root_service(stage, tables) if stage is not None else None
    if stage is not None and service is not None:
        yield Problem(
            project.at(service.instruction),
            "the container runs its program as root, which a GPU does not ask for",
            f"write `RUN useradd --create-home app` and `USER app` above {service.start}",
            stage=stage.label,
        )
