"""missing-shared-library: a package cannot be imported for want of a library of the system."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.shared_libraries import MissingLibraries, missing_libraries
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each package of the stage that ships whose libraries are not there."""
    stage = project.target
    if stage is None:
        return
    root = project.root(stage)
    image = stage.base.reference.text
    told: set[tuple[Location, str]] = set()
    for missing in missing_libraries(project, stage, tables):
        place = (missing.place, missing.needs[0].module)
        if place not in told:
            told.add(place)
            yield Problem(
                location=missing.place,
                message=_message(missing),
                help=_help(missing),
                related=(Related(root.location, f"{image} does not hold it"),),
                severity=_severity(missing, project, stage),
                stage=stage.label,
            )


def _severity(missing: MissingLibraries, project: Project, stage: Stage) -> Severity | None:
    """An error where the started program certainly imports it: a side script may be the user."""
    from mllint.facts.commands.started_imports import started_imports

    if missing.needs[0].module in started_imports(project, stage):
        return None
    return Severity.INFO if missing.install.locked else Severity.WARNING


def _message(missing: MissingLibraries) -> str:
    libraries = " and ".join(need.library for need in missing.needs)
    along = f" of {missing.install.text}, which comes along," if missing.install.is_brought else ""
    return (
        f"`import {missing.needs[0].module}`{along} needs {libraries}, which neither the base "
        "image nor an apt-get install brings"
    )


def _help(missing: MissingLibraries) -> str:
    packages = " ".join(need.apt_package for need in missing.needs)
    name = missing.install.name or ""
    advice = f"install `{packages}` with apt-get"
    if name.startswith("opencv") and not missing.install.is_brought:
        return f"{advice}, or write `{name}-headless` where no window is opened"
    return advice
