"""visible-devices-in-image: the image itself chooses among the GPUs of the host that runs it."""

from collections.abc import Iterator

from mllint.facts.cuda.capabilities import fixed_devices
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.tables import Tables

WORDS = ("visible_devices",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such variable of the stage that ships."""
    stage = project.target
    if stage is None:
        return
    for variable, value in fixed_devices(project, stage):
        yield Problem(
            location=variable.location,
            message=(
                f"{variable.name}={value} is the numbering of one host, and stands in the image "
                "for all of them"
            ),
            help=f"leave it out, and choose by `docker run --gpus '\"device={value}\"'`",
            stage=stage.label,
        )
