"""A stage in, its builds of a Python project inside a mount that takes no writes, out."""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import ContextFile, Copy, Located, locate
from mllint.facts.installs.install import Installer
from mllint.facts.installs.pip_command import read_pip_arguments
from mllint.facts.installs.pip_installs import pip_arguments
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple

_SETUP_COMMANDS = frozenset(
    {"install", "develop", "build", "build_ext", "bdist_wheel", "sdist", "egg_info", "bdist_egg"}
)


class MountBuild(NamedTuple):
    """A command that builds the project at `folder`, below the read-only `mount`.

    certain: setuptools builds it, which writes into the project's own folder.
    """

    execution: Execution
    folder: str
    mount: Copy
    certain: bool


def mount_builds(project: Project, stage: Stage) -> Iterator[MountBuild]:
    """Each such command of the stage that is not known to leave the folder alone, in order."""
    for run in stage.runs:
        for execution in run.executions if run.read_only else ():
            if execution.conditional or execution.tolerated:
                continue
            for folder in _built_folders(execution):
                mount = next((copy for copy in run.read_only if _covers(copy, folder)), None)
                if mount is not None and _has(project, mount, folder, "setup.py"):
                    other = _has(project, mount, folder, "pyproject.toml")
                    direct = execution.words[:1] == ("setup.py",)
                    yield MountBuild(execution, folder, mount, certain=direct or other is False)


def _built_folders(execution: Execution) -> Iterator[str]:
    """The absolute folders of the projects that a command builds where they are."""
    words = execution.words
    if execution.program.startswith("python") and words[:1] == ("setup.py",):
        if _SETUP_COMMANDS & set(words[1:]) and isinstance(execution.workdir, str):
            yield execution.workdir
        return
    pip = pip_arguments(execution)
    if pip is None or pip[0] is not Installer.PIP or pip[1] not in ("install", "wheel"):
        return
    command = read_pip_arguments(pip[2])
    for argument in (*command.requirements, *command.editables):
        value = argument.value
        if isinstance(value, Unknown) or "://" in value or not value.startswith((".", "/")):
            continue
        folder = execution.resolve(value.partition("[")[0])
        if isinstance(folder, str) and not folder.endswith((".whl", ".zip", ".gz", ".txt")):
            yield posixpath.normpath(folder)


def _covers(copy: Copy, folder: str) -> bool:
    place = copy.destination
    if not isinstance(place, str):
        return False
    return folder == place.rstrip("/") or folder.startswith(place.rstrip("/") + "/")


def _has(project: Project, mount: Copy, folder: str, name: str) -> bool | None:
    """Whether the mount shows a file of that name in the folder; None when that is not known."""

    def find(path: str) -> Located | None:
        return locate(path, (mount,), project.context, lambda index: project.stages[index].layers)

    found = find(posixpath.join(folder, name))
    if isinstance(found, Unknown):
        return None
    return isinstance(found, ContextFile) or found is not None
