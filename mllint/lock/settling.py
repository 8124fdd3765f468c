"""An environment in, the set of packages that its commands leave there out, or why it has none."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.resolution import Answer
from mllint.facts.unknown import Unknown
from mllint.finding import Unchecked
from mllint.lock.lock import Lock, Unsettled, Wish
from mllint.lock.reasons import refused
from mllint.lock.together import Together, is_apart
from mllint.resolve.asking import Asking
from mllint.resolve.commands import Command, commands, unknown_part
from mllint.resolve.resolving import Chain, begin_replay
from mllint.resolve.trusted_words import untold_address
from mllint.tables import Tables


def settle(
    project: Project, chain: Chain, asking: Asking, tables: Tables, wish: Wish
) -> Lock | Unsettled:
    """The lock of one environment; raises OSError where uv cannot be called."""
    replay = begin_replay(project, chain, asking)
    if isinstance(replay, Unknown):
        return Unsettled((Unchecked(chain.stage.location, replay.reason),))
    replay.preferred = wish.preferred
    replay.old_pip = False  # a lock is of what goes together, whichever pip installs it
    asked = [_unheld(command, wish.file) for command in commands(chain.environment)]
    done = [(command, replay.answer(command)) for command in asked]
    reasons = (
        *refused(project, tuple(answer for _, answer in done), tables),
        *(Unchecked(c.location, why) for c, answer in done for why in _unknown(c, answer)),
    )
    if reasons:
        return Unsettled(tuple(dict.fromkeys(reasons)))
    return Together(project, chain, replay, tuple(asked), wish).lock()


def _unheld(command: Command, file: str | None) -> Command:
    """The command without what the lock itself, as a constraint file, holds it to."""
    if not any(limit.location.path == file for limit in command.limits):
        return command
    limits = tuple(limit for limit in command.limits if limit.location.path != file)
    return command._replace(asked=tuple(each._replace(limits=limits) for each in command.asked))


def _unknown(command: Command, answer: Answer) -> Iterator[str]:
    """What is not known of a command, but for what stands at an address."""
    for index in dict.fromkeys(each.indexes.primary for each in command.fixed):
        if isinstance(index, str) and (reason := untold_address([index])) is not None:
            yield reason
    rest = tuple(each for each in command.installs if not is_apart(each))
    if len(rest) == len(command.installs):
        yield from answer.unchecked
        return
    yield from (why for why in answer.unchecked if why != command.partial)
    partial = unknown_part(rest)
    if partial is not None:
        yield partial
