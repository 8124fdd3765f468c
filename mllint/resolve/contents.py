"""A resolved project in, what its environments hold at the end out, with the size of each wheel."""

from collections.abc import Collection, Iterator
from functools import partial

from packaging.version import Version

from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.resolution import Answers, Chosen
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.resolve.asking import Asking
from mllint.resolve.commands import Command, commands, find_sources
from mllint.resolve.request import Sources, plain
from mllint.resolve.resolving import Chain, Tell, chains, side_by_side, target_of
from mllint.resolve.target import Target
from mllint.resolve.wheels import Wanted, wheels
from mllint.tables.wheel_growth import WheelGrowth


class Package(NamedTuple):
    """A package that an environment holds through its commands.

    origin: the index it comes from, without credentials; "" for the installer's default one.
    wanted_by: the packages that require it; () where a command asks for it, at `location`.
    size_bytes: of its wheel; None where no index tells. installed_bytes: an estimate from that.
    """

    name: str
    version: Version
    origin: str
    wanted_by: tuple[str, ...]
    location: Location
    size_bytes: int | None = None
    installed_bytes: int | None = None


class Contents(NamedTuple):
    """What one environment holds, the largest first. doubts: why that is not certain."""

    stage: int
    prefix: str | Unknown
    packages: tuple[Package, ...]
    doubts: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """The sum of the sizes that are known."""
        return sum(each.size_bytes or 0 for each in self.packages)

    @property
    def installed_bytes(self) -> int:
        """The sum of the estimates."""
        return sum(each.installed_bytes or 0 for each in self.packages)

    @property
    def unsized(self) -> int:
        """How many packages no index tells the size of."""
        return sum(each.size_bytes is None for each in self.packages)


class _Taken(NamedTuple):
    """A package and where it comes from; url: its wheel's, where the command names that.

    compiled: the installer compiles Python files, as pip does and uv does not.
    """

    package: Package
    sources: Sources | None
    compiled: bool
    url: str | None = None


def contents_of(
    project: Project,
    answers: Answers,
    asking: Asking,
    growth: WheelGrowth,
    tell: Tell,
) -> tuple[Contents, ...]:
    """What each environment holds; project: as it was before the answers were laid over it."""
    ends = list(chains(project))
    calls = [partial(_contents, project, each, answers, asking, growth, tell) for each in ends]
    return tuple(found for found in side_by_side(calls, asking) if found.packages)


def _contents(
    project: Project,
    chain: Chain,
    answers: Answers,
    asking: Asking,
    growth: WheelGrowth,
    tell: Tell,
) -> Contents:
    environment, target = chain.environment, target_of(project, chain)
    if isinstance(target, Unknown):  # its commands are told as not resolved
        return Contents(chain.stage.index, environment.prefix, ())
    taken: dict[str, _Taken] = {}
    doubts: dict[str, None] = {}
    for command in commands(environment):
        _take(taken, command, answers)
        answer = answers.by_group.get(command.group)
        if answer is not None and answer.doubt is not None:
            doubts[answer.doubt] = None
    tell(f"the sizes of {chain.label}")
    sized = list(_sized(target, taken.values(), asking, growth))
    sized.sort(key=lambda each: (-(each.size_bytes or 0), each.name))
    return Contents(chain.stage.index, environment.prefix, tuple(sized), tuple(doubts))


def _take(taken: dict[str, _Taken], command: Command, answers: Answers) -> None:
    """Note what the command leaves, in the place of what was there before."""
    for name in command.removed:
        taken.pop(name, None)
    answer = answers.by_group.get(command.group)
    named = {install.name: install for install in command.installs if install.name}
    compiled = not command.installs[0].installer.is_uv
    for chosen in answer.likely if answer is not None else ():
        if chosen.origin is not None:  # None: the base image brought it
            location = _location(chosen, named, command)
            by = () if chosen.name in named else chosen.wanted_by
            package = Package(chosen.name, chosen.version, chosen.origin, by, location)
            taken[chosen.name] = _Taken(package, command.sources, compiled)
    for install in command.fixed:
        if install.name is not None and install.fixed is not None:
            taken[install.name] = _fixed(install, install.name, install.fixed)


def _location(chosen: Chosen, named: dict[str, Install], command: Command) -> Location:
    install = named.get(chosen.name)
    return install.location if install is not None else command.location


def _fixed(install: Install, name: str, version: Version) -> _Taken:
    """A row of a lock, or a wheel at an address."""
    sources = find_sources((install,))
    known = sources if isinstance(sources, Sources) else None
    origin = install.url or (known.default if known is not None else None) or ""
    shown = plain(origin.partition("?")[0])
    package = Package(name, version, shown, (), install.location)
    return _Taken(package, known, not install.installer.is_uv, install.url)


def _sized(
    target: Target, taken: Collection[_Taken], asking: Asking, growth: WheelGrowth
) -> Iterator[Package]:
    """The packages with the sizes of their wheels, and what those grow to."""
    wanted = (Wanted(*each.package[:2], each.sources, each.url) for each in taken)
    found = wheels(asking, target, wanted)
    for each in taken:
        package, wheel = each.package, found.get(each.package.name)
        if wheel is None or wheel.size_bytes is None:
            yield package
            continue
        size = wheel.size_bytes
        grown = growth.installed(package.name, size, pure=wheel.pure, compiled=each.compiled)
        yield package._replace(size_bytes=size, installed_bytes=grown)
