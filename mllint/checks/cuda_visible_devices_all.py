"""cuda-visible-devices-all: a word that CUDA does not know hides every GPU."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mllint.facts.cuda.gpu_evidence import all_devices_by_cuda
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.parse.source import Location
from mllint.tables import Tables

if TYPE_CHECKING:
    from mllint.facts.compose.project import ComposeProject

WORDS = ("visible_devices",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each ENV of the stage that ships and of those it is FROM."""
    for place in all_devices_by_cuda(project):
        yield _problem(place)


def check_compose(project: "ComposeProject", tables: Tables) -> Iterator[Problem]:
    """A problem for each service whose environment has the value."""
    for service in project.services:
        setting = service.setting("CUDA_VISIBLE_DEVICES")
        if setting is not None and setting.value == "all" and not setting.chosen:
            yield _problem(setting.location)


def _problem(place: Location) -> Problem:
    return Problem(
        place,
        "CUDA_VISIBLE_DEVICES is `all`, which is no device to CUDA: it sees no GPU",
        "delete it: without it every device that the container has is visible",
    )
