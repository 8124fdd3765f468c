"""python-without-wheel: what is installed has no wheel for the Python that it is installed into."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.wheels.wheel_fit import Misfit, WheelMisfit, on_x86, wheel_misfit
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each requirement none of whose releases fits its environment."""
    for stage in (stage for stage in project.judged if on_x86(project, stage)):
        for environment in stage.environments:
            for install in environment.installs:
                if install.stage != stage.index or install.name not in tables.wheels.packages:
                    continue
                if project.settles(install):
                    continue
                found = wheel_misfit(install, environment, stage, tables)
                if found is not None and found.certain:
                    yield Problem(
                        location=install.location,
                        message=_message(install, found),
                        help=_help(install, found, tables),
                        related=tuple(_related(project, stage, environment, found)),
                        severity=_severity(found),
                        stage=stage.label,
                    )


def _severity(found: WheelMisfit) -> Severity | None:
    """Lower where pip goes on and compiles the source, which may work."""
    compiles = found.misfit is Misfit.COMPILES and found.compiler is not False
    return Severity.WARNING if compiles else None


def _message(install: Install, found: WheelMisfit) -> str:
    release = found.release
    what = f"{install.name} {release.version}" if install.exact else install.text
    python = f"this environment runs Python {found.python.minor}"
    if found.misfit is Misfit.REQUIRES_PYTHON:
        return f"{what} requires Python {release.requires_python}; {python}"
    if found.misfit is Misfit.GLIBC and found.libc is not None:
        asked = f"the wheels of {what} need glibc {release.glibc_min}"
        return f"{asked}; the image has {found.libc.version}"
    wheels = f"{what} has wheels for {_span(found.pythons)}"
    if found.misfit is Misfit.NO_WHEEL:
        return f"{wheels} and no source distribution; {python}"
    if found.compiler is False:
        return f"{wheels}; {python}, and its stage has no compiler to build it from source"
    return f"{wheels}; {python}, so pip compiles it from source"


def _help(install: Install, found: WheelMisfit, tables: Tables) -> str:
    name, python = install.name or "", found.python.version
    if found.misfit is Misfit.GLIBC:
        return "take a base image on a newer distribution release"
    fitting = tables.wheels.releases(name)
    versions = [row.version for row in fitting if row.has_wheel(python)]
    later = [version for version in versions if version > found.release.version]
    version = min(later, default=None) or max(versions, default=None)
    run = f"run Python {found.pythons[-1]}" if found.pythons else "run another Python"
    build = None if version is None else _same_build(install, version, tables)
    verb = "lock" if install.locked else "install"
    return run if build is None else f"{verb} `{name}=={build}`, or {run}"


def _same_build(install: Install, version: Version, tables: Tables) -> str | None:
    """The version with the local part that the requirement asks for; None if not known to exist."""
    local = install.exact.local if install.exact else None
    if local is None:
        return str(version)
    name = install.name or ""
    torch = version if name == "torch" else tables.torch.meant_with(name, version)
    exists = torch is not None and tables.torch.variant_exists(torch, local)
    return f"{version}+{local}" if exists else None


def _span(pythons: tuple[Version, ...]) -> str:
    if not pythons:
        return "no Python 3 of this platform"
    if len(pythons) == 1:
        return f"Python {pythons[0]} only"
    return f"Python {pythons[0]} to {pythons[-1]}"


def _related(
    project: Project, stage: Stage, environment: Environment, found: WheelMisfit
) -> Iterator[Related]:
    root = project.root(stage)
    place = environment.created or root.location
    yield Related(place, f"Python {found.python.minor} comes from here")
