"""A project in, the same with what the indexes answer to its commands out.

Environments are resolved side by side, the commands of one in order.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from mllint.facts.environments.environment import Environment
from mllint.facts.project import Project
from mllint.facts.resolution import Answer, Answers
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.finding import Unchecked
from mllint.named_tuple import NamedTuple
from mllint.resolve.applying import with_answers
from mllint.resolve.asking import Asking
from mllint.resolve.commands import commands, doubt_at_first, held_at_first, is_bare
from mllint.resolve.elsewhere import of_executions
from mllint.resolve.old_pip import is_old_at_first
from mllint.resolve.replay import Replay
from mllint.resolve.target import Target, find_target

if TYPE_CHECKING:
    from concurrent.futures import Future

_Result = TypeVar("_Result")
Tell = Callable[[str], None]
"""Is told what is resolved next, for a line of progress."""


class Chain(NamedTuple):
    """An environment at the end of a chain of stages, with all that is installed into it."""

    stage: Stage
    environment: Environment

    @property
    def label(self) -> str:
        """`/opt/venv in stage runtime`."""
        prefix = self.environment.prefix
        place = prefix if isinstance(prefix, str) else "an environment"
        return f"{place} in stage {self.stage.label}"


def chains(project: Project) -> Iterator[Chain]:
    """The environments that nothing is installed into any more, those that ship first."""
    ends = sorted(project.ends, key=lambda stage: stage is not project.target)
    for stage in ends:
        for environment in stage.environments:
            if environment.installs:
                yield Chain(stage, environment)


def _keep_quiet(text: str) -> None:
    """Tell nobody."""


def resolve(
    project: Project, asking: Asking, tell: Tell = _keep_quiet, workers: int = 2
) -> Project:
    """The project with every answer; raises OSError where uv cannot be called."""
    answers: dict[int, Answer] = {}
    unchecked: list[Unchecked] = []
    calls = [partial(answer_chain, project, each, asking, tell) for each in chains(project)]
    for answered in side_by_side(calls, asking, workers):
        told: set[str] = set()  # what holds for the whole environment is said once
        for answer in answered:
            # An environment that is copied is the end of two chains: one answer is enough.
            if answers.setdefault(answer.group, answer) is not answer:
                continue
            for reason in answer.unchecked:
                if reason not in told:
                    told.add(reason)
                    unchecked.append(Unchecked(answer.command, f"not resolved: {reason}"))
    found = Answers(answers)
    return with_answers(project, found)._replace(unchecked=(*project.unchecked, *unchecked))


def side_by_side(
    calls: Sequence[Callable[[], _Result]], asking: Asking, workers: int = 2
) -> list[_Result]:
    """What each of the calls gives; none goes on when one raises, or the run is interrupted."""
    if len(calls) < 2:
        return [call() for call in calls]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(call) for call in calls]
        try:
            _wait(running)
        except BaseException:
            asking.stop()
            pool.shutdown(cancel_futures=True)
            raise
    return [future.result() for future in running]


def _wait(running: "list[Future[_Result]]") -> None:
    """Wait in short turns, so that Ctrl-C is heard; raises what one of them raised."""
    from concurrent.futures import wait

    waiting = set(running)
    while waiting:
        done, waiting = wait(waiting, timeout=0.5)
        for future in done:
            future.result()


def answer_chain(project: Project, chain: Chain, asking: Asking, tell: Tell) -> tuple[Answer, ...]:
    """The answers to the commands of one environment, in order."""
    replay = begin_replay(project, chain, asking)
    told = commands(chain.environment)
    if isinstance(replay, Unknown):
        why = (replay.reason,)
        return tuple(Answer(each.group, each.location, unchecked=why) for each in told)
    tell(chain.label)
    return tuple(replay.answer(command) for command in told)


def begin_replay(project: Project, chain: Chain, asking: Asking) -> Replay | Unknown:
    """The environment before its first command; Unknown where nothing can be asked for it."""
    environment = chain.environment
    target = target_of(project, chain)
    if isinstance(target, Unknown):
        return target
    if isinstance(environment.preinstalled, Unknown):
        return environment.preinstalled
    held = held_at_first(environment)
    lineage = project.lineage(chain.stage)
    return Replay(
        asking,
        target,
        held,
        doubt=doubt_at_first(environment, chain.stage),
        listed=None if is_bare(environment) else frozenset(held),
        elsewhere=of_executions(each for stage in lineage for each in stage.executions),
        old_pip=is_old_at_first(environment),
    )


def target_of(project: Project, chain: Chain) -> Target | Unknown:
    """What the environment is resolved for."""
    root = project.root(chain.stage)
    platform = root.platform if root.platform is not None else project.options.platform
    return find_target(chain.environment, chain.stage, platform)
