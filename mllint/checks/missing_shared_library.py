"""missing-shared-library: a package cannot be imported for want of a library of the system."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.system.shared_libraries import MissingLibraries, missing_libraries
from mllint.finding import Problem, Related
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each package of the stage that ships whose libraries are not there."""
    stage = project.target
    if stage is None:
        return
    root = project.root(stage)
    image = stage.base.reference.text
    told: set[Location] = set()
    for missing in missing_libraries(project, stage, tables):
        if missing.install.location not in told:
            told.add(missing.install.location)
            yield Problem(
                location=missing.install.location,
                message=_message(missing, image),
                help=_help(missing),
                related=(Related(root.location, f"{image} does not hold it"),),
                stage=stage.label,
            )


def _message(missing: MissingLibraries, image: str) -> str:
    libraries = " and ".join(need.library for need in missing.needs)
    return (
        f"`import {missing.needs[0].module}` needs {libraries}, which neither {image} nor an "
        "apt-get install brings"
    )


def _help(missing: MissingLibraries) -> str:
    packages = " ".join(need.apt_package for need in missing.needs)
    name = missing.install.name or ""
    advice = f"install `{packages}` with apt-get"
    if name.startswith("opencv"):
        return f"{advice}, or write `{name}-headless` where no window is opened"
    return advice
