"""The commands of one environment, each with its answer, in; the lock of all of them out.

What they leave installed is asked for once more, all of it at once: that is what
`pip install -r` of the lock will do.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.finding import Unchecked
from mllint.lock.lock import Lock, Pin, Unsettled, Wish
from mllint.lock.pylock import pylock_hashes
from mllint.lock.reach import Reach
from mllint.lock.reasons import clash_text
from mllint.lock.sources import united
from mllint.lock.twins import doubled
from mllint.parse.source import SourceFile
from mllint.resolve.answers import Package, read_packages
from mllint.resolve.commands import Command, doubt_at_first, held_at_first, is_bare
from mllint.resolve.replay import Replay
from mllint.resolve.request import Held, Question, Sources, plain
from mllint.resolve.resolving import Chain
from mllint.resolve.uv_calls import Ending, Said


def is_apart(install: Install) -> bool:
    """Whether it stands at an address: a repository, a project, a wheel."""
    return install.url is not None and not install.uninstall


@dataclass(eq=False, repr=False)
class Together:
    """An environment whose commands are all answered."""

    project: Project
    chain: Chain
    replay: Replay
    commands: tuple[Command, ...]
    wish: Wish

    def lock(self) -> Lock | Unsettled:
        """The packages, after they were asked for all at once."""
        question, said = self._together()
        if said.ending is not Ending.RESOLVED:
            return self._unsettled(self._why(said))
        packages = tuple(read_packages(said.output, question.sources))
        absent = self._absent(packages)
        if absent is not None:
            return self._unsettled(absent)
        reach = Reach(packages, frozenset(self.kept), frozenset(self.asked))
        needed = self.pinned.keys() & (self.pinned.keys() if question.no_deps else reach.needed)
        pins = tuple(sorted(self._pin(each) for each in packages if each.name in needed))
        root = self.project.root(self.chain.stage)
        made = Lock(
            self.chain,
            root.base.reference.text,
            self.replay.target,
            pins,
            self.sources,
            tuple(sorted((name, held.version) for name, held in self.kept.items())),
            tuple(each for command in self.commands for each in self._left(command)),
            tuple(dict.fromkeys(each.location for each in self.commands if self._in_lock(each))),
            not question.no_deps,
            doubt=self._doubt(),
            unpinned=tuple(sorted(self.pinned.keys() & reach.met - needed)),
            stage=self.project.stages[self.chain.environment.installs[-1].stage].label,
        )
        if self.wish.hashes or self.wish.pylock:
            return self._with_files(made, question._replace(requirements=self._texts(needed)))
        return made._replace(doubled=doubled(self.replay.asking, question.sources, packages))

    def _with_files(self, made: Lock, question: Question) -> Lock | Unsettled:
        """The lock with the files that fit, and their hashes."""
        alone = question._replace(no_deps=True, constraints=(), held={})
        said = self.replay.asking.caller.ask(alone, "toml")
        if said.ending is not Ending.RESOLVED:
            return self._unsettled(self._why(said))
        hashes = pylock_hashes(SourceFile("pylock.toml", said.output))
        bare = next((pin.name for pin in made.pins if not hashes.get(pin.name)), None)
        if bare is not None:
            return self._unsettled(f"its index tells no hash of {bare}")
        pins = tuple(pin._replace(hashes=hashes[pin.name]) for pin in made.pins)
        if not self.wish.pylock:
            return made._replace(pins=pins)
        # Of an image whose patch release is not known uv is told the last one that may be.
        asked, real = (f'requires-python = ">={v}"' for v in (made.target.full, made.target.python))
        return made._replace(pins=pins, pylock=said.output.replace(asked, real))

    @cached_property
    def tools(self) -> frozenset[str]:
        """What has to be there before the lock can be installed."""
        by_uv = self.chain.environment.installs[-1].installer.is_uv
        return frozenset({"uv"}) if by_uv else frozenset()

    def _left(self, command: Command) -> tuple[Install, ...]:
        named = (each for each in command.asked if each.name in self.tools)
        return (*named, *filter(is_apart, command.installs))

    def _in_lock(self, command: Command) -> bool:
        """Whether the lock can stand for it; the dependencies of a project come with that."""
        asked = (each for each in (*command.asked, *command.fixed) if each.url is None)
        return any(each.name in self.pinned and not each.metadata for each in asked)

    def _doubt(self) -> str | None:
        """Why the image may hold more from the first than is known."""
        environment = self.chain.environment
        told = doubt_at_first(environment, self.chain.stage)
        if told is not None or is_bare(environment):
            return told
        return "what its base image brings is known in part"

    @cached_property
    def kept(self) -> Mapping[str, Held]:
        """What the base image brought and no command changed."""
        removed = {name for command in self.commands for name in command.removed}
        return {
            name: first
            for name, first in held_at_first(self.chain.environment).items()
            if name not in removed and self._holds(name, first)
        }

    def _holds(self, name: str, first: Held) -> bool:
        held = self.replay.held.get(name)
        return held is not None and held.version == first.version

    @cached_property
    def pinned(self) -> Mapping[str, Held]:
        """What the commands leave of the indexes."""
        apart = {each.name for command in self.commands for each in self._left(command)}
        return {
            name: held
            for name, held in self.replay.held.items()
            if name not in self.kept and name not in apart
        }

    @cached_property
    def fixed(self) -> Mapping[str, Held]:
        """What is there besides."""
        return {n: Held(h.version) for n, h in self.replay.held.items() if n not in self.pinned}

    @cached_property
    def locked_indexes(self) -> Mapping[str, str]:
        """The indexes that another lock names, by package."""
        return {
            each.name: each.indexes.primary
            for command in self.commands
            for each in command.fixed
            if each.name and each.url is None and isinstance(each.indexes.primary, str)
        }

    @cached_property
    def sources(self) -> Sources:
        """Where all of it is found, as the commands say."""
        asked = [command.sources for command in self.commands if command.asked]
        locked = [Sources(named={name: url}) for name, url in self.locked_indexes.items()]
        return united([*asked, *locked])

    @cached_property
    def asked(self) -> Mapping[str, list[Install]]:
        """What the commands name themselves and is there in the end."""
        found: dict[str, list[Install]] = {}
        for command in self.commands:
            for each in (*command.asked, *command.fixed):
                if each.name is not None and each.name in self.pinned:
                    found.setdefault(each.name, []).append(each)
        return found

    def _together(self) -> tuple[Question, Said]:
        """The question for the whole set, and the answer; without needs where commands had none."""
        asking = self.replay.asking
        question = Question(
            self.replay.target,
            self._tied(asking.indexes.sources(self.sources)),
            self._texts(self.pinned.keys()),
            constraints=tuple(f"{name}=={held.version}" for name, held in self.fixed.items()),
            held=self.fixed,
            pre=True,
        )
        said = asking.ask(question)
        if said.ending is Ending.RESOLVED:
            packages = tuple(read_packages(said.output, question.sources))
            if self._absent(packages) is None:
                return question, said
        elif said.ending is not Ending.NO_SOLUTION:
            return question, said
        if any(self._is_loose(command) for command in self.commands):
            question = question._replace(no_deps=True)
            said = asking.ask(question)
        return question, said

    def _is_loose(self, command: Command) -> bool:
        """Whether it leaves packages installed that do not have what they require."""
        options = any(each.options.no_deps for each in (*command.asked, *command.fixed))
        return options or any(limit.override for limit in command.limits)

    def _texts(self, names: AbstractSet[str]) -> tuple[str, ...]:
        """Each package in its version, with the extras that are asked for."""
        found = []
        for name in sorted(names):
            extras = sorted({extra for each in self.asked.get(name, ()) for extra in each.extras})
            wanted = f"[{','.join(extras)}]" if extras else ""
            found.append(f"{name}{wanted}=={self.pinned[name].version}")
        return tuple(found)

    def _tied(self, sources: Sources) -> Sources:
        """The sources with each package tied to the index that it came from."""
        addresses = {plain(url): url for url in sources.extra}
        mirror = self.replay.asking.indexes.mirror
        locked = {name: plain(mirror(url)) for name, url in self.locked_indexes.items()}
        named = {}
        for name, held in self.pinned.items():
            address = addresses.get(locked.get(name) or held.origin or "")
            if address is not None:
                named[name] = address
        return sources._replace(extra=(), named=named)

    def _absent(self, packages: tuple[Package, ...]) -> str | None:
        """What a package requires that is not there in the end."""
        known = self.replay.held
        missing = next((each for each in packages if each.name not in known), None)
        if missing is None:
            return None
        asker = missing.wanted_by[0] if missing.wanted_by else "a package"
        return f"{asker} requires {missing.name}, which is not there in the end"

    def _pin(self, package: Package) -> Pin:
        askers = {name for name in package.wanted_by if name in self.pinned}
        places = {each.location.path for each in self.asked.get(package.name, ())}
        return Pin(package.name, package.version, (*sorted(askers), *sorted(places)))

    def _why(self, said: Said) -> str:
        if said.ending is Ending.NO_SOLUTION:
            return clash_text(said.told, {n: h.version for n, h in self.replay.held.items()})
        return self.replay.failure(said)[0]

    def _unsettled(self, why: str) -> Unsettled:
        return Unsettled((Unchecked(self.commands[-1].location, why),))
