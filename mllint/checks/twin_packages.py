"""twin-packages: two distributions that install the same module stand in one environment."""

from collections.abc import Iterator

from mllint.facts.installs.twins import Twins, twins
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each module that two distributions of one environment install."""
    told: set[Location] = set()
    for stage in project.ends:
        for environment in stage.environments:
            for found in twins(environment, tables):
                if found.last.location not in told:
                    told.add(found.last.location)
                    yield _problem(found)._replace(stage=stage.label)


def _problem(found: Twins) -> Problem:
    first, last = found.first_install, found.last
    place = (Related(first.location, f"{first.text} stands here"),) if first is not None else ()
    return Problem(
        location=last.location,
        message=(
            f"{found.first} and {last.text} both install the module {found.module}: one overwrites "
            "the files of the other"
        ),
        help="keep one of the two"
        if first is not None
        else f"leave {last.name} out, or run `pip uninstall -y {found.first}` before it",
        related=place,
    )
