"""What the indexes answer to the install commands of a project, as values; asks nobody itself."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from packaging.version import Version

from mllint.facts.installs.install import Install, Limit
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location


class Chosen(NamedTuple):
    """A package that one command leaves installed, in the version that pip takes today.

    origin: the index that it comes from, without credentials; "" for the installer's default one,
    None for what was there before.
    wanted_by: the packages that require it, canonical names; () for what the command names.
    """

    name: str
    version: Version
    origin: str | None
    wanted_by: tuple[str, ...] = ()


class RefusalKind(Enum):
    """Why nothing can be installed that meets what a command asks for."""

    CONFLICT = "what it asks for does not go together"
    NOT_ON_INDEX = "no index that it asks has the release"
    NO_WHEEL = "no wheel is for that Python and platform, and there is no source distribution"
    REQUIRES_PYTHON = "the release requires another Python"


class Need(NamedTuple):
    """A requirement in the metadata of a package: `torchvision 0.15.2` needs `torch==2.0.1`.

    package: with its version or range; name: canonical, without it.
    """

    package: str
    requirement: str
    name: str


class Refusal(NamedTuple):
    """That one command cannot be met.

    install: the requirement to change. package: the one that is not to be had, and `release`, what
    is asked of it: `==9.9`, "" for any. need: who asks so, None when the command itself does.
    beside: the other requirements without which it could be met; limits: the same of constraint
    lines. python: the target's, `3.8`. available: by the kind, the releases that its indexes have
    of the package, the tags of its wheels, the newest last, or the Pythons it requires: `>=3.9`.
    elsewhere: (index, release) that fits, on an index that the command does not ask; "" is the
    installer's default one. fitting: the release of `install` that can be had with all the rest;
    None where there is none. asked: the indexes of the command, without credentials, "" for the
    default one. absent: none of them has the package. counter: what one of `beside` needs of the
    package. platform: `x86_64 with glibc 2.36`. fitting_beside: as `fitting`, of the first of
    `beside`, where `install` has none.
    """

    kind: RefusalKind
    install: Install
    package: str
    release: str = ""
    need: Need | None = None
    beside: tuple[Install, ...] = ()
    limits: tuple[Limit, ...] = ()
    python: str = ""
    available: tuple[str, ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    fitting: Version | None = None
    asked: tuple[str, ...] = ()
    absent: bool = False
    counter: Need | None = None
    fitting_beside: Version | None = None
    platform: str = ""

    @property
    def tagged_pythons(self) -> tuple[str, ...]:
        """The Pythons of `available`, where those are tags: `cp38`, `cp311m` -> 3.8, 3.11."""
        tags = (tag.removeprefix("cp3").rstrip("mu") for tag in self.available if tag[:3] == "cp3")
        return tuple(f"3.{minor}" for minor in sorted({int(tag) for tag in tags if tag.isdigit()}))

    @property
    def indexes(self) -> str:
        """The indexes that were asked, in words: `the default index and https://…/cu118`."""
        return " and ".join(map(index_name, self.asked)) or "what is asked"


def index_name(url: str) -> str:
    """What a message calls an index; "" is the installer's default one."""
    return url or "the default index"


class Yanked(NamedTuple):
    """A release that its project withdrew, with the reason it gives; later: the next one."""

    install: Install
    package: str
    version: str
    reason: str
    later: Version | None = None


class Stray(NamedTuple):
    """A package that comes from another index than one that has it, too, in other releases.

    taken: the index it comes from; passed: the other one, and the newest release it has.
    """

    install: Install
    version: Version
    taken: str
    passed: str
    newest: Version


class Answer(NamedTuple):
    """What the indexes answer to one command.

    chosen: all that the environment then holds of what was resolved; () where it is not certain.
    unchecked: why there is no answer, or none about a part: one reason each.
    likely: what `chosen` would be if nothing else were installed; doubt: why it is not certain.
    """

    group: int
    command: Location
    chosen: tuple[Chosen, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    yanked: tuple[Yanked, ...] = ()
    strays: tuple[Stray, ...] = ()
    unchecked: tuple[str, ...] = ()
    likely: tuple[Chosen, ...] = ()
    doubt: str | None = None

    @property
    def is_met(self) -> bool:
        """Whether everything the command asks for can be installed together."""
        return not (self.refusals or self.unchecked)


class Answers(NamedTuple):
    """The answers to the commands of one project, by the group of their installs."""

    by_group: Mapping[int, Answer] = MappingProxyType({})

    @property
    def told(self) -> str:
        """What they add to the text that a project is read from: `torch==2.1.0+cu118 …`."""
        chosen = (each for answer in self.by_group.values() for each in answer.chosen)
        return " ".join(f"{each.name}=={each.version}" for each in chosen)

    def refuses(self, install: Install) -> bool:
        """Whether the command of the install certainly fails, whatever it would do."""
        answer = self.by_group.get(install.group)
        return answer is not None and bool(answer.refusals)

    def settles(self, install: Install) -> bool:
        """Whether the indexes told of this install, so that no table has to."""
        answer = self.by_group.get(install.group)
        if answer is None:
            return False
        refused = any(each.install.location == install.location for each in answer.refusals)
        return refused or not answer.unchecked
