"""A stage in, its installs that an externally managed Python (PEP 668) refuses, out."""

import posixpath
from collections.abc import Iterator
from enum import Enum

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.exit_status import forgiven_failures
from mllint.facts.commands.filesystem import Copy
from mllint.facts.commands.unread_scripts import runs_unread_script
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.environments.interpreters import UNKNOWN_PATH
from mllint.facts.images.base_image import Python
from mllint.facts.installs.install import Install, Installer
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

# Prefixes whose bin stands in PATH and holds no Python unless a command here puts one there.
_WITHOUT_PYTHON = ("/usr/local", "/usr", "/", "/root/.local", "/root/.cargo")


class Manager(Enum):
    """Who manages the Python, as its marker says."""

    DISTRO = "the distribution"
    UV = "uv"


class RefusedInstall(NamedTuple):
    """An install command that stops with `externally-managed-environment`.

    python: None for one that uv installed. made: where that Python comes from, None for the image
    or its package manager.
    """

    execution: Execution
    installer: Installer
    python: Python | None
    manager: Manager
    made: Location | None


def refused_installs(stage: Stage) -> Iterator[RefusedInstall]:
    """Each command of this stage that certainly installs into a managed Python, in order."""
    executions = {execution.location: execution for execution in _judged(stage)}
    told: set[Location] = set()
    for environment in stage.environments:
        if environment.kind is not EnvironmentKind.SYSTEM:
            continue
        for install in environment.installs:
            run = executions.get(install.command)
            if run is None or install.stage != stage.index or install.command in told:
                continue
            if _is_refusable(install, run):
                found = _refusal(stage, environment.python, install, run)
                if found is not None:
                    told.add(install.command)
                    yield found


def _judged(stage: Stage) -> Iterator[Execution]:
    """The commands that no script precedes which may remove the marker, and that may not fail."""
    for run in stage.runs:
        forgiven = {id(execution) for execution in forgiven_failures(run)}
        for execution in run.executions:
            # A script from elsewhere (`curl … | bash`) leaves the system's Python alone.
            if runs_unread_script(execution) and execution.command.connector != "|":
                return
            if id(execution) not in forgiven:
                yield execution


def lacks_venv(stage: Stage) -> bool:
    """Whether `python3 -m venv` fails: Debian and Ubuntu have it in a package of its own.

    Unknown packages of the image count as lacking: to install it twice does no harm.
    """
    distro = stage.base.distro
    if isinstance(distro, Unknown) or distro.name not in ("debian", "ubuntu"):
        return False
    return not any(
        package.name.startswith("python3")
        and package.name.endswith(("-venv", "-full"))
        and not package.removed
        for package in stage.packages
    )


def _is_refusable(install: Install, run: Execution) -> bool:
    """Whether nothing about the command itself lets it pass the marker, or pass over it."""
    if install.installer not in (Installer.PIP, Installer.UV_PIP) or install.uninstall:
        return False
    if run.conditional or run.tolerated or not install.indexes.complete:
        return False  # a pip.conf that was not read may hold break-system-packages
    # pip asks for the marker only where it installs into the running environment.
    return not install.options.break_system_packages and install.options.target is None


def _refusal(
    stage: Stage, python: Python | Unknown | None, install: Install, run: Execution
) -> RefusedInstall | None:
    managed = isinstance(python, Python) and python.externally_managed is True
    if managed and isinstance(python, Python) and _is_distros(stage, install, run):
        return RefusedInstall(run, install.installer, python, Manager.DISTRO, None)
    if install.installer is Installer.UV_PIP and install.options.system:
        made = _uv_python(stage, run)
        if made is not None:
            return RefusedInstall(run, install.installer, None, Manager.UV, made)
    return None


def _is_distros(stage: Stage, install: Install, run: Execution) -> bool:
    """Whether what runs is certainly the distribution's own Python, with its pip where needed."""
    if install.installer is Installer.PIP:
        if stage.base.has_pip is not True and not stage.holds_package("python3-pip", "py3-pip"):
            return False
    elif not install.options.system or not _has_python(stage):
        return False
    if isinstance(run.called, str) and run.called.startswith("/usr/bin/"):
        return True
    path = run.lookup("PATH")
    if not isinstance(path, str) or any(_brings_python(layer) for layer in stage.copies):
        return False
    folders = path.partition("/usr/bin")[0].split(":")
    return all(_holds_no_python(folder) for folder in folders if folder not in ("", UNKNOWN_PATH))


def _has_python(stage: Stage) -> bool:
    return isinstance(stage.base.python, Python) or any(
        package.name.startswith("python3") and not package.removed for package in stage.packages
    )


def _brings_python(copy: Copy) -> bool:
    """`COPY --from=python:3.11 /usr/local /usr/local` and the like."""
    place = copy.destination
    return not copy.from_context and (
        isinstance(place, Unknown) or posixpath.normpath(place) in ("/", "/usr", "/usr/local")
    )


def _holds_no_python(folder: str) -> bool:
    prefix = posixpath.dirname(posixpath.normpath(folder))
    return prefix in _WITHOUT_PYTHON or prefix.startswith(("/usr/local/cuda", "/usr/local/nvidia"))


def _uv_python(stage: Stage, run: Execution) -> Location | None:
    """Where uv installed the only Python there is, before `run`; None when there is another."""
    if stage.base.python is not None or _has_python(stage):
        return None
    for execution in stage.executions:
        if execution.location == run.location:
            return None
        if execution.program == "uv" and execution.words[:2] == ("python", "install"):
            return execution.location
    return None
