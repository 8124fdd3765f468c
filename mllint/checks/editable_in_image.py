"""editable-in-image: the image holds a link to the source of a project, not the project."""

from collections.abc import Iterator

from mllint.facts.installs.editables import Editable, SourceState, editables
from mllint.facts.project import Project
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables

# Stages that are for work on the project, where it is meant so.
_WORK = ("dev", "test", "ci", "debug", "lint", "docs")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each command that installs a project so into what ships."""
    told: set[Location] = set()
    for found in editables(project):
        place = found.copy or found.command.location
        if place in told or (found.state is SourceState.COPIED and _is_meant(project, found)):
            continue
        told.add(place)
        yield _problem(found, place)


def _is_meant(project: Project, found: Editable) -> bool:
    target = project.target
    if found.install.locked:
        return True  # uv does so by default, beside the source: nobody asked for a link
    path = project.path.lower()
    name = (target.name if target is not None else None) or ""
    return (
        target is None
        or not target.entry
        or any(word in path or word in name.lower() for word in _WORK)
    )


def _problem(found: Editable, place: Location) -> Problem:
    folder, name = found.folder, found.install.name or "the project"
    if found.state is SourceState.COPIED:
        message = f"{name} is installed as a link to {folder}: what is mounted there replaces it"
    elif found.state is SourceState.MOUNTED:
        message = f"{name} is installed as a link to {folder}, a mount that ends with this RUN"
    else:
        message = f"{name} is a link to {folder} in this environment, and {folder} is not copied"
    locked = found.install.locked
    related = (Related(found.command.location, f"{name} is installed in place"),)
    return Problem(
        location=place,
        message=message,
        help="add `--no-editable` to `uv sync`" if locked else "install it without `-e`",
        related=related if found.copy is not None else (),
        severity=Severity.INFO if found.state is SourceState.COPIED else None,
        stage=found.stage.label,
    )
