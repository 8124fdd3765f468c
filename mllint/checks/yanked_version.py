"""yanked-version: a release is pinned that its project has withdrawn."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.resolution import Yanked
from mllint.finding import Problem
from mllint.parse.source import Location
from mllint.tables import Tables


def check_resolved(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each requirement that names a withdrawn release, and so takes it."""
    told: set[Location] = set()
    for answer in project.answered:
        for found in answer.yanked:
            if found.install.location not in told:
                told.add(found.install.location)
                yield _problem(found)._replace(stage=project.stages[found.install.stage].label)


def _problem(found: Yanked) -> Problem:
    install = found.install
    reason = f": {found.reason}" if found.reason else ", without a reason"
    cure = f"`{install.name}{install.installer.equals}{found.later}`" if found.later else None
    return Problem(
        install.location,
        f"{found.package} {found.version} was withdrawn from the index{reason}",
        f"write {cure}" if cure else f"take another release of {install.name}",
    )
