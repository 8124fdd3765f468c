"""The stage that ships in, what it installs for another Python than the one it runs, out."""

from mllint.facts.commands.entry import started_program
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.environments.programs import wanted_version
from mllint.facts.images.base_image import Python
from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.package_sources import ppa_installs
from mllint.facts.system.system_packages import SystemPackage
from mllint.named_tuple import NamedTuple

# Packages of the distribution that hold a module, or headers, for its own Python alone.
# Parts of Python itself, which each Python has; the others are there for one Python alone.
_PARTS = frozenset({"python3-tk", "python3-dev", "python3-venv"})
_FOR_ONE_PYTHON = _PARTS | frozenset(
    {"python3-opencv"}
    | {"python3-numpy", "python3-scipy", "python3-pandas", "python3-matplotlib", "python3-lxml"}
)


class StrayInstall(NamedTuple):
    """The first install into one Python, while the container starts another, which has none."""

    install: Install
    into: Python
    started: Python


def stray_install(stage: Stage) -> StrayInstall | None:
    """What pip installs for the distribution's Python though CMD calls `python3.11`; or None."""
    minor = wanted_version(started_program(stage))
    if minor is None or stage.python_alias is not None:
        return None
    here = [env for env in stage.environments if env.kind is EnvironmentKind.SYSTEM]
    started = next(
        (env for env in here if isinstance(env.python, Python) and env.python.minor == minor), None
    )
    if started is None or started.installs or len(here) != len(stage.environments):
        return None
    for environment in here:
        python = environment.python
        if environment is started or not isinstance(python, Python):
            continue
        for install in environment.installs:
            certain = not (install.conditional or install.uninstall or install.options.target)
            if certain and install.name not in ("pip", "setuptools", "wheel"):
                assert isinstance(started.python, Python)
                return StrayInstall(install, python, started.python)
    return None


def packages_of_other_python(
    project: Project, stage: Stage
) -> tuple[tuple[SystemPackage, str | None], ...]:
    """The packages for the distribution's Python where `python3` was made another.

    With the name of the one for that Python: `python3-tk` is `python3.10-tk`; None where there is
    none, as of `python3-opencv`.
    """
    alias, python = stage.python3_link, stage.base.distro_python
    if alias is None or (isinstance(python, Python) and f"{python.version}" == alias):
        return ()
    if not isinstance(python, Python) and not _comes_from_ppa(project, stage, alias):
        return ()
    held = {package.name for package in stage.packages}
    found = []
    for package in stage.packages_here:
        name = f"python{alias}-{package.name.removeprefix('python3-')}"
        plain = package.manager == "apt" and package.name in _FOR_ONE_PYTHON
        if plain and not package.removed and name not in held:
            found.append((package, name if package.name in _PARTS else None))
    return tuple(found)


def _comes_from_ppa(project: Project, stage: Stage, minor: str) -> bool:
    """Whether deadsnakes brings that Python: it has those alone that the distribution lacks."""
    return any(
        found.ppa.startswith("ppa:deadsnakes/") and found.package.name == f"python{minor}"
        for found in ppa_installs(tuple(project.lineage(stage)))
    )
