"""A stage in, what a plan shows of it out: only the stage that ships shows all that it inherits.

Two thousand stages, each FROM the one before, hold two million packages between them, and all but
two thousand of those have been shown before.
"""

from collections.abc import Iterator

from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple


class ShownEnvironment(NamedTuple):
    """An environment; installs: those to show; inherited: how many before them are not shown."""

    environment: Environment
    installs: tuple[Install, ...]
    inherited: int = 0

    @property
    def brought(self) -> bool:
        """Whether to show what the base image holds: the stages above have not."""
        return not self.inherited


def base_stage(project: Project, stage: Stage) -> Stage | None:
    """The stage for whose content the plan refers to its own block; None: all is shown here."""
    if stage.parent is None or project.target is stage:
        return None
    return project.stages[stage.parent]


def shown_packages(project: Project, stage: Stage) -> tuple[str, ...]:
    """The names of the distribution packages to show, each once."""
    above = base_stage(project, stage)
    packages = stage.packages if above is None else stage.packages_here
    return tuple(dict.fromkeys(package.name for package in packages if not package.removed))


def shown_environments(
    project: Project, stage: Stage, environments: Iterator[Environment]
) -> Iterator[ShownEnvironment]:
    """The environments that the stage changes, with what it adds to them."""
    above = base_stage(project, stage)
    known = {(each.prefix, each.kind): each for each in above.environments} if above else {}
    for environment in environments:
        before = known.get((environment.prefix, environment.kind))
        count = len(before.installs) if before is not None else 0
        if before is None or environment.installs[:count] != before.installs:
            yield ShownEnvironment(environment, environment.installs)
        elif len(environment.installs) > count or environment.python != before.python:
            added = environment.installs[count:]
            yield ShownEnvironment(environment, added, count)
