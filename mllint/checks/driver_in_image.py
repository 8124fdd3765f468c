"""driver-in-image: the image that ships holds a driver, which the host's is to replace."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.system.driver_files import DriverFile, DriverPart, driver_files
from mllint.finding import Edit, Fix, Problem
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each part of a driver in the stage that ships."""
    stage = project.target
    if stage is None:
        return
    told: set[Location] = set()
    for found in driver_files(project, stage):
        if found.location not in told:
            told.add(found.location)
            yield Problem(
                found.location, _message(found), _help(found), fix=_fix(found), stage=stage.label
            )


def _message(found: DriverFile) -> str:
    if found.part is DriverPart.TOOL:
        return f"{found.name} does its work on the host; in the image it does nothing"
    if found.part is DriverPart.META:
        what = f"{found.name} brings the driver along"
    else:
        what = f"{found.name} is {found.part.value}"
    return f"{what}, and the container gets the host's driver, of another version"


def _help(found: DriverFile) -> str:
    if found.instead is not None:
        return f"write `{found.instead}`"
    return f"delete {found.name}: the container toolkit of the host mounts the driver"


def _fix(found: DriverFile) -> Fix | None:
    if found.instead is None:
        return None
    edit = Edit(found.location, found.instead)
    return Fix(f"write {found.instead} for {found.name}", (edit,), safe=False)
