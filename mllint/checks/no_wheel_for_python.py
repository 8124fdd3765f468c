"""no-wheel-for-python: a release that cannot be installed into the Python of its environment."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.resolution import Refusal, RefusalKind
from mllint.facts.wheels.musl import slim_twin
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables


def check_resolved(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each requirement that has no wheel for its Python and platform."""
    for refusal in project.refusals(RefusalKind.NO_WHEEL, RefusalKind.REQUIRES_PYTHON):
        install = refusal.install
        stage = project.stages[install.stage]
        root = project.root(stage).location
        yield Problem(
            install.location,
            _message(refusal),
            _help(refusal, slim_twin(stage.base, tables)),
            (Related(root, "this is the image that it is installed into"),),
            severity=Severity.WARNING if install.tolerated else None,
            stage=stage.label,
        )


def _message(refusal: Refusal) -> str:
    runs = f"this environment runs Python {refusal.python}"
    if refusal.kind is RefusalKind.REQUIRES_PYTHON:
        wanted = " or ".join(refusal.available)
        return f"{_subject(refusal)} requires Python {wanted}; {runs}"
    if refusal.tagged_pythons:
        wheels = _span(refusal.tagged_pythons)
        return f"{_subject(refusal)} has wheels for {wheels} and no source distribution; {runs}"
    if refusal.available:
        linux = tuple(tag for tag in refusal.available if "linux" in tag)
        tags = " and ".join((linux or refusal.available)[-2:])
        return f"{_subject(refusal)} has wheels for {tags}; this image is {refusal.platform}"
    return f"{_subject(refusal)} has no wheel for Python {refusal.python} on {refusal.platform}"


def _subject(refusal: Refusal) -> str:
    """What has no wheel: the requirement, or what it brings along."""
    need = refusal.need
    if need is None:
        return refusal.install.text
    if need.name == refusal.install.name:
        return f"{need.package} requires {need.requirement}, which"
    return f"{refusal.install.text} brings {need.package} and with it {need.requirement}, which"


def _span(pythons: tuple[str, ...]) -> str:
    if len(pythons) == 1:
        return f"Python {pythons[0]} only"
    return f"Python {pythons[0]} to {pythons[-1]}"


def _help(refusal: Refusal, twin: str | None) -> str:
    install, pythons = refusal.install, refusal.tagged_pythons
    if refusal.kind is RefusalKind.REQUIRES_PYTHON:
        other = f"run a Python that is {' or '.join(refusal.available)}"
    elif pythons:
        other = f"run Python {pythons[-1]}"
    elif twin is not None:
        other = f"use `FROM {twin}`"
    else:
        other = "take a base image for which there are wheels"
    if refusal.fitting is None:
        return other
    return f"write `{install.name}{install.installer.equals}{refusal.fitting}`, or {other}"
