"""A project in, the commands that resolve its ranges anew beside a lock, out."""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.filesystem import Context
from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install, Installer
from mllint.facts.installs.pinning import Pinning, pinning
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables

# Locks that stand beside the metadata of a project, by the tool that writes them.
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
_OWN = {Installer.UV_SYNC: "uv.lock", Installer.POETRY: "poetry.lock", Installer.PDM: "pdm.lock"}


class IgnoredLock(NamedTuple):
    """One command and the lock in the build context that it does not read.

    install: the first range of the project that nothing holds. lock: path inside the context.
    own: the lock of the tool that the command runs, which has only to be copied.
    """

    stage: Stage
    install: Install
    command: Location
    lock: str
    own: bool


def ignored_locks(project: Project, tables: Tables) -> Iterator[IgnoredLock]:
    """The first for each command whose project has a lock beside its metadata.

    On an image that holds torch, or may, a lock would take another one: leaving it aside is meant.
    """
    context = project.context
    if context is None or not context.certain:
        return
    told: set[Location] = set()
    for stage, environment, install in project.installs:
        if not install.metadata or install.locked or install.command in told:
            continue
        lock = _lock_beside(context, install)
        if lock is None or _may_hold_torch(environment):
            continue
        if pinning(install, environment, tables) in (Pinning.OPEN, Pinning.CAPPED):
            told.add(install.command)
            own = posixpath.basename(lock) == _OWN.get(install.installer)
            yield IgnoredLock(stage, install, install.command, lock, own)


def _lock_beside(context: Context, install: Install) -> str | None:
    """The lock in the folder of the file that names the range; a tool's own one first."""
    inside = context.relative(install.location.path)
    if inside is None:
        return None
    folder = posixpath.dirname(inside)
    own = _OWN.get(install.installer)
    names = (own,) if own is not None else _LOCKS
    for name in names:
        path = posixpath.join(folder, name)
        if context.holds(path):
            return path
    return None


def _may_hold_torch(environment: Environment) -> bool:
    held = environment.preinstalled
    return not isinstance(held, tuple) or any(package.name == "torch" for package in held)
