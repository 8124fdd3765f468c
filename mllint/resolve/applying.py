"""A project and the answers of the indexes in, the project as if all that were locked out.

So every rule sees the versions that pip takes: those a command names, and those it brings along.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from mllint.facts.environments.environment import Environment
from mllint.facts.environments.history import History
from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.resolution import Answers, Chosen


def with_answers(project: Project, answers: Answers) -> Project:
    """The project whose installs carry the versions that were chosen."""
    stages = tuple(
        replace(
            stage, environments=tuple(_environment(each, answers) for each in stage.environments)
        )
        for stage in project.stages
    )
    target = stages[project.target.index] if project.target is not None else None
    return project._replace(stages=stages, target=target, answers=answers)


def _environment(environment: Environment, answers: Answers) -> Environment:
    installs = tuple(_installs(environment.installs, answers))
    if installs == environment.installs:
        return environment
    history = History(installs, environment.preinstalled)
    return environment._replace(installs=installs, history=history)


def _installs(installs: tuple[Install, ...], answers: Answers) -> Iterator[Install]:
    """The installs with their versions, and behind each command what it brings along."""
    for number, group in groupby(installs, key=attrgetter("group")):
        answer = answers.by_group.get(number)
        if answer is None or not answer.chosen:
            yield from group
            continue
        chosen = {each.name: each for each in answer.chosen}
        named = list(group)
        for install in named:
            mine = chosen.get(install.name or "")
            yield install if mine is None else install._replace(chosen=mine.version)
        yield from _brought(named, chosen)


def _brought(group: list[Install], chosen: dict[str, Chosen]) -> Iterator[Install]:
    """What the command installs without naming it, where what requires it stands."""
    direct = {install.name: install for install in group if install.name}
    for each in chosen.values():
        if each.name in direct or each.origin is None:
            continue
        asker = _asker(each, direct, chosen) or group[0]
        yield asker._replace(
            name=each.name,
            requirement=None,
            text=f"{each.name} {each.version}",
            pinned=None,
            chosen=each.version,
            direct=False,
            written=None,
            hashed=False,
            metadata=False,
            limits=(),
        )


def _asker(
    package: Chosen, direct: dict[str, Install], chosen: dict[str, Chosen]
) -> Install | None:
    """The requirement of the command because of which the package is there."""
    seen: set[str] = set()
    waiting = list(package.wanted_by)
    while waiting:
        name = waiting.pop(0)
        if name in direct:
            return direct[name]
        if name not in seen and name in chosen:
            seen.add(name)
            waiting += chosen[name].wanted_by
    return None
