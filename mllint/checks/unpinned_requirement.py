"""unpinned-requirement: a requirement that nothing holds to one version."""

from collections.abc import Iterator

from mllint.facts.commands.variables import Value
from mllint.facts.cuda.build_tools import last_builds
from mllint.facts.installs.install import Install
from mllint.facts.installs.pinning import Pinning, is_moving_accelerator, is_tool, pinning
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each requirement without `==`, hash, lock or constraint.

    The ranges of a project's own metadata are in place there: of each file one problem.
    """
    seen: set[Location] = set()
    builds: dict[int, dict[Value, int]] = {}
    ranges: dict[tuple[str, str], list[Install]] = {}
    for stage, environment, install in project.installs:
        if install.location in seen:
            continue
        if install.name == "setuptools":
            if stage.index not in builds:
                builds[stage.index] = last_builds(stage, tables)
            if builds[stage.index].get(environment.prefix, -1) <= install.group:
                continue
        elif is_tool(install):
            continue
        found = pinning(install, environment, tables)
        loose = isinstance(found, Pinning) and found is not Pinning.FIXED
        if loose and not is_moving_accelerator(install, environment, tables):
            seen.add(install.location)
            if install.metadata:
                ranges.setdefault((install.location.path, stage.label), []).append(install)
            else:
                yield _problem([install], stage.label)
    for (_, label), installs in ranges.items():
        yield _problem(installs, label)


def _problem(installs: list[Install], stage: str) -> Problem:
    first = installs[0]
    return Problem(first.location, _message(first, len(installs) > 1), _help(first), stage=stage)


def _message(install: Install, several: bool) -> str:
    if not several:
        return f"{install.text} is not held to one version"
    return f"{install.text} and more requirements of the project are not held to one version"


def _help(install: Install) -> str:
    if not install.metadata:
        return f"write `{install.name}{install.installer.equals}` and the version you tested"
    match install.installer.value:
        case "uv sync":
            return "write a lock with `uv lock`, copy it, and `uv sync --frozen`"
        case "poetry" | "pdm" | "pipenv" as tool:
            return f"write a lock with `{tool} lock` and copy it"
        case _:
            return "install from a lock, or hold the versions you tested with `--constraint`"
