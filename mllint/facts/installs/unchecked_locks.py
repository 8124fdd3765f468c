"""A project in, each `uv sync` that may write another lock than the one that was copied, out."""

from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.installs.install import Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

_CHECKING = frozenset({"--locked", "--frozen", "--check", "--dry-run"})
# What makes a new lock on purpose.
_RENEWING = ("-U", "--upgrade", "-P", "--resolution", "--prerelease")
_VARIABLES = ("UV_LOCKED", "UV_FROZEN")


class UncheckedLock(NamedTuple):
    """One such command, and the lock that it reads, as shown."""

    stage: Stage
    execution: Execution
    lock: str


def unchecked_locks(project: Project) -> Iterator[UncheckedLock]:
    """Each `uv sync` of the judged stages that reads a lock and does not hold to it."""
    told: set[Location] = set()
    runs = {run.location: run for stage in project.judged for run in stage.executions}
    for stage, _, install in project.installs:
        if install.installer is not Installer.UV_SYNC or not install.locked:
            continue
        if install.command in told or install.file is None:
            continue
        told.add(install.command)
        run = runs.get(install.command)
        if run is not None and not _holds_to_it(run):
            yield UncheckedLock(stage, run, install.file)


def _holds_to_it(execution: Execution) -> bool:
    words = execution.words
    if _CHECKING & set(words) or any(execution.lookup(name) for name in _VARIABLES):
        return True
    return any(word.startswith(_RENEWING) for word in words)
