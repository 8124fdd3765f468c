"""apt-package-gone: apt-get is asked for a package that the base image's release does not have."""

from collections.abc import Iterator

from mllint.facts.images.base_image import Distro
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.package_sources import release_packages
from mllint.facts.system.system_packages import SystemPackage
from mllint.finding import Edit, Fix, Problem, Related
from mllint.tables import Tables
from mllint.tables.apt import AptReplacement, AptState
from mllint.tables.rows import Confidence

WORDS = ("apt",)

_MISSING = (AptState.ABSENT, AptState.AMBIGUOUS)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each name that makes apt-get stop."""
    for stage in project.judged:
        for package in stage.packages_here:
            if package.is_impossible and _is_certain(package):
                yield _impossible(stage, package)
        distro = stage.base.distro
        if not isinstance(distro, Distro):
            continue
        for package in release_packages(project, stage):
            if not _is_certain(package):
                continue
            state = tables.apt.state(package.name, distro.name, distro.release)
            confidence = tables.apt.confidence(package.name, distro.name)
            if state in _MISSING and confidence is not Confidence.LOW:
                yield _problem(project, stage, package, state, tables)


def _is_certain(package: SystemPackage) -> bool:
    """Whether apt-get installs it in each build, and a failure stops the build."""
    execution = package.execution
    if package.manager != "apt" or package.removed:
        return False
    return not (execution.conditional or execution.tolerated)


def _impossible(stage: Stage, package: SystemPackage) -> Problem:
    return Problem(
        location=package.location,
        message=f"{package.version} is no version of a Debian package, as none holds `_`: apt-get "
        f"finds no such {package.name}",
        help=f"write `{package.name}` alone, or `{package.name}=` and a version of "
        f"`apt-cache madison {package.name}`",
        stage=stage.label,
    )


def _problem(
    project: Project, stage: Stage, package: SystemPackage, state: AptState, tables: Tables
) -> Problem:
    image = stage.base.reference.text
    row = tables.apt.replacement(package.name)
    root = project.root(stage)
    lack = (
        f"several packages of {stage.base.distro} provide {package.name}, and apt-get takes none"
        if state is AptState.AMBIGUOUS
        else f"{stage.base.distro} has no package {package.name}"
    )
    return Problem(
        location=package.location,
        message=f"{lack}; {image} is built on it",
        help=_help(package.name, row),
        related=(Related(root.location, f"{image} is {stage.base.distro}"),),
        fix=_fix(package, row),
        stage=stage.label,
    )


def _help(name: str, row: AptReplacement | None) -> str:
    if row is None or row.replacement is None:
        return f"leave `{name}` out, or take an image on a release that has it"
    return f"install `{row.replacement}` instead"


def _fix(package: SystemPackage, row: AptReplacement | None) -> Fix | None:
    """Write the new name, where it is the same library on older releases too."""
    if row is None or row.replacement is None or not row.same_library or not package.bare:
        return None
    edit = Edit(package.location, row.replacement)
    return Fix(f"write {row.replacement} for {package.name}", (edit,), safe=True)
