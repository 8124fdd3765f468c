"""lock-ignored: a project has a lock, and the image resolves its ranges anew."""

import posixpath
from collections.abc import Iterator

from mllint.facts.installs.ignored_locks import IgnoredLock, ignored_locks
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.tables import Tables

_HELP = {
    "uv.lock": "copy uv.lock and install with `uv sync --locked`",
    "poetry.lock": "copy poetry.lock and install with `poetry install`",
    "pdm.lock": "copy pdm.lock and install with `pdm sync`",
    "pylock.toml": "copy pylock.toml and install with `-r pylock.toml`",
}


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each command that leaves a lock aside."""
    for found in ignored_locks(project, tables):
        yield _problem(found)


def _problem(found: IgnoredLock) -> Problem:
    install, lock = found.install, posixpath.basename(found.lock)
    tool = install.installer.value
    lack = f"{lock} is not copied" if found.own else f"{tool} does not read {lock}"
    return Problem(
        location=found.command,
        message=f"{lack}, so {tool} resolves the ranges of {install.location.path} anew in each "
        "build",
        help=_HELP[lock],
        related=(Related(install.location, f"{lock} holds {install.name} to one version"),),
        stage=found.stage.label,
    )
