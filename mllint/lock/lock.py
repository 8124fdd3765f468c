"""A lock as a value: the packages that an environment holds in the end, and what they fit."""

from collections.abc import Mapping

from packaging.version import Version

from mllint.facts.installs.install import Install
from mllint.finding import Unchecked
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.resolve.request import Sources
from mllint.resolve.resolving import Chain
from mllint.resolve.target import Target


class Pin(NamedTuple):
    """A package in its one version. via: the packages that require it, and the files that name it.

    hashes: `sha256:…` of each file that fits.
    """

    name: str
    version: Version
    via: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()


class Lock(NamedTuple):
    """What one environment holds of the indexes.

    pins: by name. sources: where they are found; addresses may hold credentials. kept: what the
    base image brings and nothing changes. left: what stands at an address, and is not locked.
    commands: those in whose place it can be. with_needs: False where pip must not look at what the
    packages require, as the commands do not. doubled: those that two of the indexes have in that
    version. doubt: why the base image may hold more. pylock: the text of such a file, if wished.
    """

    chain: Chain
    image: str
    target: Target
    pins: tuple[Pin, ...]
    sources: Sources
    kept: tuple[tuple[str, Version], ...] = ()
    left: tuple[Install, ...] = ()
    commands: tuple[Location, ...] = ()
    with_needs: bool = True
    doubled: tuple[str, ...] = ()
    doubt: str | None = None
    pylock: str = ""
    stage: str = ""


class Unsettled(NamedTuple):
    """Why there is no lock: one reason each."""

    reasons: tuple[Unchecked, ...]


class Wish(NamedTuple):
    """How a lock is to be made.

    preferred: versions to take where they fit. file: where it will stand, as shown.
    """

    preferred: Mapping[str, Version] = {}
    hashes: bool = False
    pylock: bool = False
    file: str | None = None
