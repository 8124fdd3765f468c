"""exclusive-pytorch-index: PyTorch's index is asked alone for what it does not serve."""

from collections.abc import Iterator

from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.wheels.exclusive_index import (
    exclusive_index,
    is_looked_for,
    lacks_build,
    lacks_package,
)
from mllint.facts.wheels.wheel_fit import on_x86
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each command that asks PyTorch's index for packages or builds it lacks."""
    commands: dict[int, tuple[str, str, list[Install]]] = {}
    for stage, environment, install in project.installs:
        url = exclusive_index(install)
        if url is None or install.tolerated or project.settles(install):
            continue
        if not is_looked_for(install, environment):
            continue
        if lacks_package(install, tables):
            commands.setdefault(install.group, (url, stage.label, []))[2].append(install)
            continue
        variant = lacks_build(install, tables) if on_x86(project, stage) else None
        if variant is not None:
            yield _build_problem(install, variant, tables)._replace(stage=stage.label)
    for url, stage_label, lacking in commands.values():
        yield _problem(url, lacking)._replace(stage=stage_label)


def _problem(url: str, lacking: list[Install]) -> Problem:
    first, *others = lacking
    return Problem(
        location=first.location,
        message=f"{first.text} is asked of {url} alone, which does not serve {first.name}",
        help="install torch from that index in a command of its own, and this one without it",
        related=tuple(Related(each.location, f"nor {each.name}") for each in others),
        severity=Severity.WARNING if all(each.conditional for each in lacking) else None,
    )


def _build_problem(install: Install, variant: str, tables: Tables) -> Problem:
    version = install.exact
    builds = ", ".join(row.variant for row in tables.torch.variants(version)) if version else ""
    return Problem(
        location=install.location,
        message=f"the index {variant} has no torch {version}; its builds are {builds}",
        help="ask the index of one of these builds, or take another torch",
        severity=Severity.WARNING if install.conditional else None,
    )
