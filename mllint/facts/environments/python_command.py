"""A stage in, the first command that asks for `python` where there is a `python3` only, out."""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.entry import entry_words
from mllint.facts.commands.executions import Execution
from mllint.facts.commands.exit_status import forgiven_failures
from mllint.facts.commands.filesystem import Copy
from mllint.facts.commands.unread_scripts import runs_unread_script
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.environments.interpreters import UNKNOWN_PATH
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import SystemPackage, is_package_manager
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

# In these and later releases no package but python-is-python3 brings a `python`.
_WITHOUT_PYTHON_2 = {"ubuntu": 22, "debian": 11}
# They may put one anywhere.
_MAKERS = frozenset(
    {"tar", "unzip", "dpkg", "rpm", "make", "cmake", "ninja", "rsync", "install", "stow", "curl"}
    | {"wget", "aria2c", "uv", "conda", "mamba", "micromamba", "pyenv", "virtualenv", "poetry"}
    | {"pdm", "pixi", "rye", "eval"}
)
_SYSTEM_FOLDERS = frozenset({"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin"})
_SYSTEM_FOLDERS |= {"/usr/local/sbin"}


class MissingCommand(NamedTuple):
    """A command that calls `python`. python3: the package that brings `python3`."""

    location: Location
    python3: SystemPackage
    starts: bool  # it is what the container starts with, not a RUN


def missing_python(project: Project, stage: Stage) -> MissingCommand | None:
    """The first such command of the stage, what the container starts with last; or None."""
    distro = stage.base.distro
    if stage.base.python is not None or isinstance(distro, Unknown) or stage.third_party_apt:
        return None
    release = distro.release.partition(".")[0]
    if not release.isdigit() or int(release) < _WITHOUT_PYTHON_2.get(distro.name, 1000):
        return None
    packages = [package for package in stage.packages if not package.removed]
    python3 = next((each for each in packages if each.name.startswith("python3")), None)
    if python3 is None or any(each.name.startswith("python-") for each in packages):
        return None
    if not _only_the_distributions(stage) or not _told(project, stage):
        return None
    calls = (_call(run) for run in _certain(stage))
    call = next((place for place in calls if place is not None), None)
    if call is not None:
        return MissingCommand(call, python3, starts=False)
    entry = _started(project, stage) if stage is project.target else None
    return MissingCommand(entry, python3, starts=True) if entry is not None else None


def _only_the_distributions(stage: Stage) -> bool:
    """Whether there is no environment but that of the distribution, and PATH names no other."""
    path = stage.env.get("PATH")
    if isinstance(path, Unknown) or (path is None and not stage.base.env_complete):
        return False
    folders = [folder for folder in (path or "").split(":") if folder not in ("", UNKNOWN_PATH)]
    return all(
        environment.kind is EnvironmentKind.SYSTEM for environment in stage.environments
    ) and all(
        folder in _SYSTEM_FOLDERS or folder.startswith(("/usr/local/cuda", "/usr/local/nvidia"))
        for folder in folders
    )


def _told(project: Project, stage: Stage) -> bool:
    """Whether nothing in the stage, or in those it is FROM, may make a `python`."""
    for above in project.lineage(stage):
        if any(_may_bring(copy) for copy in above.copies):
            return False
        if any(_may_make(execution) for execution in above.executions):
            return False
    return True


def _may_bring(copy: Copy) -> bool:
    place = copy.destination
    if isinstance(place, Unknown):
        return True
    home = posixpath.normpath(place)
    if home in ("/", "/usr", "/usr/local"):
        return not copy.from_context
    names = [posixpath.basename(str(source)) for source in copy.sources]
    return home in _SYSTEM_FOLDERS and not set(names) <= {"uv", "uvx"}


def _may_make(execution: Execution) -> bool:
    """`ln -s python3 /usr/bin/python`, `update-alternatives … python …`, or what is not read."""
    if execution.program in _MAKERS or not execution.program or runs_unread_script(execution):
        return True
    if is_package_manager(execution.program):
        return False
    return any(isinstance(argument.value, Unknown) for argument in execution.arguments) or any(
        posixpath.basename(word) == "python" or word.endswith("=python3")
        for word in execution.words
    )


def _certain(stage: Stage) -> Iterator[Execution]:
    for run in stage.runs:
        forgiven = {id(execution) for execution in forgiven_failures(run)}
        for execution in run.executions:
            if not (execution.conditional or execution.tolerated or id(execution) in forgiven):
                yield execution


def _call(execution: Execution) -> Location | None:
    plain = execution.called == "python" and execution.activated is None and not execution.wrapped
    return execution.location if plain and not execution.given else None


def _started(project: Project, stage: Stage) -> Location | None:
    """Where the container is told to start `python`."""
    entries = sorted(
        (entry for entry in stage.entry if entry.keyword != "HEALTHCHECK"),
        key=lambda entry: entry.keyword != "ENTRYPOINT",
    )
    for entry in entries[:1]:
        if entry_words(entry)[:1] == ["python"]:
            return project.at(entry)
    return None
