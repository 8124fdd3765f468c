"""An extension build in, how the torch that its setup.py imports is out of its reach, out.

pip and uv build a package in an environment of its own, where only that is what its pyproject.toml
asks for. Judges nothing.
"""

from collections.abc import Iterator
from enum import Enum

from packaging.version import Version

from mllint.facts.cuda.compiling import SourceBuild, source_builds
from mllint.facts.environments.environment import (
    Environment,
    EnvironmentKind,
    Held,
    held_by_image,
)
from mllint.facts.images.base_image import Origin, Python
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.wheels.torch_packages import TORCH_DEPENDENTS
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.builds import BuildSystem, Need

# pip.pypa.io/en/stable/news, 2026-11: from 25.3 on every build is isolated; before, a project
# without pyproject.toml was not, where setuptools and wheel were there.
_ALWAYS_ISOLATES = Version("25.3")
# release metadata of pip, 2026-11: 25.0.1 is the newest for Python 3.8, 26.0.1 that for 3.9.
_PYTHON_OF_IT = Version("3.9")
# docs.python.org/3/whatsnew/3.12.html: from then on no setuptools comes with venv or the images.
_WITHOUT_SETUPTOOLS = Version("3.12")
_TORCH = ("torch", "pytorch", "pytorch-gpu")


class OutOfReach(Enum):
    """Why the build finds no torch."""

    ISOLATED = "it has an environment of its own"
    SAME_COMMAND = "the command that builds it is the one that installs torch"
    LATER = "torch is installed later"


class TorchlessBuild(NamedTuple):
    """A build that imports torch and certainly finds none.

    who: what isolates it, for a message. torch: where torch is installed, None where it is not.
    """

    build: SourceBuild
    reason: OutOfReach
    who: str
    torch: Location | None


def torchless_builds(project: Project, stage: Stage, tables: Tables) -> Iterator[TorchlessBuild]:
    """The builds of this stage's own commands whose setup.py imports torch in vain."""
    for build in source_builds(stage, tables):
        install = build.install
        if build.needs.torch_first is not Need.YES or build.needs.no_build_isolation is Need.NO:
            continue
        if build.tolerated or install is None or held_by_image(build.environment, install):
            continue
        if not install.options.no_build_isolation:
            who = _isolated_by(build, install, project, stage)
            if who is not None and not _asks_for_torch(build, install):
                held = build.environment.effective_before("torch", install)
                place = held.install.location if isinstance(held, Held) and held.install else None
                yield TorchlessBuild(build, OutOfReach.ISOLATED, who, place)
        elif (late := _late_torch(build.environment, install)) is not None:
            same = late.group == install.group
            reason = OutOfReach.SAME_COMMAND if same else OutOfReach.LATER
            yield TorchlessBuild(build, reason, install.installer.value, late.location)


def _asks_for_torch(build: SourceBuild, install: Install) -> bool:
    """Whether pyproject.toml brings torch into the build's own environment, or may."""
    system = build.needs.build_system
    if system is BuildSystem.TORCH_LATER:
        return install.url is not None
    return system is BuildSystem.TORCH or system is None


def _isolated_by(
    build: SourceBuild, install: Install, project: Project, stage: Stage
) -> str | None:
    """What certainly builds it in an environment of its own, None when that is not certain."""
    if install.installer is Installer.UV_PIP:
        # uv may be told otherwise by [tool.uv] of the project, or by a uv.toml.
        told = project.context is not None and project.context.find("pyproject.toml") is not None
        return None if told or not install.indexes.is_known else "uv"
    if install.installer is not Installer.PIP:
        return None
    if build.needs.build_system is BuildSystem.WITHOUT_TORCH and not _names_commit(install):
        return "pip"
    pip = _pip_before(build.environment, install)
    if pip is not None and _always_isolates(pip, build.environment):
        return f"pip {pip.exact}" if pip.exact else "the newest pip"
    return "pip, without wheel," if _lacks_wheel(build.environment, install, stage) else None


def _always_isolates(pip: Install, environment: Environment) -> bool:
    if pip.exact is not None:
        return pip.exact >= _ALWAYS_ISOLATES
    python = environment.python
    return isinstance(python, Python) and python.version >= _PYTHON_OF_IT


def _names_commit(install: Install) -> bool:
    """`…apex.git@24.04.01`, `…/archive/8a1ed9e.zip`: older sources may have no pyproject.toml."""
    url = (install.url or "").partition("#")[0]
    return "@" in url.rpartition("/")[2] or "/archive/" in url


def _pip_before(environment: Environment, install: Install) -> Install | None:
    """The last install of pip itself before a command, where it takes one certain release."""
    found = None
    for pip in environment.of("pip"):
        if pip.group >= install.group or pip.conditional:
            break
        newest = pip.options.upgrade and not pip.specifier
        found = pip if pip.exact is not None or newest else None
    return found


def _lacks_wheel(environment: Environment, install: Install, stage: Stage) -> bool:
    """Whether the wheel package is certainly missing, without which old pips isolate, too."""
    python = environment.python
    if not isinstance(python, Python) or python.version < _WITHOUT_SETUPTOOLS:
        return False
    official = python.origin is Origin.IMAGE and stage.base.reference.name == "python"
    if environment.kind not in (EnvironmentKind.SYSTEM, EnvironmentKind.VENV) or not official:
        return False
    named = any(other.group < install.group for other in environment.of("wheel", "tensorflow"))
    return not named and not any(o.group < install.group for o in environment.opaque)


def _late_torch(environment: Environment, install: Install) -> Install | None:
    """The install of torch that comes with the build's command or after it, where none is before.

    None, too, where something before it may have brought torch along.
    """
    if environment.effective_before("torch", install) is not None:
        return None
    for other in environment.installs:
        if other.group < install.group and (other.name in _TORCH or other.name in TORCH_DEPENDENTS):
            return None
    return next(environment.of("torch"), None)
