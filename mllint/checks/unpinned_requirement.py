"""unpinned-requirement: a requirement that nothing holds to one version."""

from collections.abc import Iterator

from mllint.facts.installs.pinning import Pinning, is_moving_accelerator, is_tool, pinning
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each requirement without `==`, hash, lock or constraint."""
    seen: set[Location] = set()
    for stage, environment, install in project.installs:
        if install.location in seen or is_tool(install):
            continue
        found = pinning(install, environment, tables)
        loose = isinstance(found, Pinning) and found is not Pinning.FIXED
        if loose and not is_moving_accelerator(install, environment, tables):
            seen.add(install.location)
            yield Problem(
                location=install.location,
                message=f"{install.text} is not held to one version",
                help=f"write `{install.name}==` and the version you tested",
                stage=stage.label,
            )
