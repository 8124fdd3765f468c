"""A stage in, its installs that clone a repository where there is no git, out."""

from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import SystemPackage, is_package_manager
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

_CLONING = (Installer.PIP, Installer.UV_PIP)
# Packages that bring git along, beside those that have it in their name.
_BRING_GIT = ("npm", "golang", "devscripts", "cargo", "rustc", "ros-", "hub", "gh")


class GitInstall(NamedTuple):
    """An install from a git repository, and the command that runs it."""

    install: Install
    execution: Execution


def installs_without_git(project: Project, stage: Stage) -> Iterator[GitInstall]:
    """Each install of this stage that certainly finds no git on PATH, in order."""
    commands = stage.base.commands
    if not isinstance(commands, frozenset) or "git" in commands or _may_be_copied(project, stage):
        return
    runs = {execution.location: execution for execution in stage.executions}
    known: dict[Location, bool] = {}
    for environment in stage.environments:
        for install in environment.installs:
            run = runs.get(install.command)
            if run is None or install.stage != stage.index or not _clones(install):
                continue
            if run.location not in known:
                known[run.location] = _has_git_before(project, stage, run)
            if not known[run.location]:
                yield GitInstall(install, run)
        if environment.kind is EnvironmentKind.CONDA:
            return


def _clones(install: Install) -> bool:
    if install.installer not in _CLONING or install.uninstall:
        return False
    return (install.url or "").startswith("git+") and not (install.conditional or install.tolerated)


def _may_be_copied(project: Project, stage: Stage) -> bool:
    """Whether another stage or image may bring git, or conda is there to install it."""
    if any(environment.kind is EnvironmentKind.CONDA for environment in stage.environments):
        return True
    for ancestor in project.lineage(stage):
        for copy in ancestor.copies:
            place = copy.destination
            if not copy.from_context and (
                not isinstance(place, str)
                or "git" in place
                or place.rstrip("/")
                in ("", "/usr", "/usr/bin", "/usr/local", "/usr/local/bin", "/bin")
            ):
                return True
    return False


def _has_git_before(project: Project, stage: Stage, run: Execution) -> bool:
    """Whether a command before `run` installed git, or may have done so unseen."""
    own = [package for package in stage.packages_here if package.execution.location <= run.location]
    inherited = stage.packages[: len(stage.packages) - len(stage.packages_here)]
    if any(_brings_git(package) for package in (*inherited, *own)):
        return True
    for ancestor in project.lineage(stage):
        for execution in ancestor.executions:
            if execution is run:
                break
            if _may_install(execution):
                return True
    return any(
        done.skipped is not None for ancestor in project.lineage(stage) for done in ancestor.runs
    )


def _brings_git(package: SystemPackage) -> bool:
    name = package.name
    return not package.removed and ("git" in name or name.startswith(_BRING_GIT))


def _may_install(execution: Execution) -> bool:
    """A script, a program by an unknown name, or packages whose names are not known."""
    if execution.shell_file is not None:
        return not execution.shell_file.endswith("/activate")
    if "xargs" in execution.wrapped:
        return True
    if not execution.program or execution.program.endswith((".sh", ".py")):
        return True
    if is_package_manager(execution.program):
        unknown = any(not isinstance(argument.value, str) for argument in execution.arguments)
        return unknown or any("git" in word for word in execution.words)
    return execution.program in ("make", "brew", "nix-env", "snap", "mamba", "conda")
