"""twin-packages: two distributions that install the same module stand in one environment."""

from collections.abc import Iterator

from mllint.facts.installs.install import Install
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
            f"{_text(first) or found.first} and {_text(last)} both install the module "
            f"{found.module}: one overwrites the files of the other"
        ),
        help=_keep_one(first, last)
        if first is not None
        else f"leave {last.name} out, or run `pip uninstall -y {found.first}` before it",
        related=place,
    )


def _text(install: Install | None) -> str:
    """What stands there, or comes along with it."""
    if install is None or not install.is_brought:
        return install.text if install is not None else ""
    return f"{install.text}, which comes along,"


def _keep_one(first: Install, last: Install) -> str:
    if last.is_brought:
        return f"leave {first.name} out, as {last.name} comes along"
    if first.is_brought:
        return f"leave {last.name} out, as {first.name} comes along"
    return "keep one of the two"
