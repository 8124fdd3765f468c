"""musl-base: a package without a wheel for musl is installed on Alpine."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.wheels.musl import asks_elsewhere, has_no_musl_build, slim_twin
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each package that pip can neither fetch nor build in a musl stage."""
    told: set[tuple[str, Location]] = set()
    for stage in project.judged:
        for environment in stage.environments:
            for install in environment.installs:
                name, place = install.name or "", install.location
                if install.stage != stage.index or (name, place) in told:
                    continue
                if project.settles(install):
                    continue
                if has_no_musl_build(install, stage, environment, tables):
                    told.add((name, place))
                    problem = _problem(project, stage, install.text, place, tables)
                    # Some index of one's own may have it, though nobody is known to build it.
                    doubtful = asks_elsewhere(install)
                    yield problem._replace(severity=Severity.WARNING) if doubtful else problem


def _problem(project: Project, stage: Stage, text: str, place: Location, tables: Tables) -> Problem:
    image = stage.base.reference.text
    root = project.root(stage)
    twin = slim_twin(stage.base, tables)
    return Problem(
        location=place,
        message=f"{text} has wheels for glibc only, and {image} is built on musl",
        help=f"use `FROM {twin}`" if twin else "start from an image with glibc, such as Debian's",
        related=(Related(root.location, f"{image} is built on musl"),),
        stage=stage.label,
    )
