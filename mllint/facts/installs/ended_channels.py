"""A project in, the conda installs that ask a channel which has ended, out."""

from collections.abc import Iterator

from packaging.specifiers import Specifier
from packaging.version import Version

from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables
from mllint.tables.conda_channels import EndedPackage

_CAPS = frozenset({"==", "<", "<=", "~="})


class EndedChannel(NamedTuple):
    """One such install. beyond: the version that it asks for is newer than the last one there."""

    stage: Stage
    install: Install
    ended: EndedPackage
    beyond: bool


def ended_channels(project: Project, tables: Tables) -> Iterator[EndedChannel]:
    """Each conda install that a channel serves whose last release stays the newest for ever.

    The channel named first comes first: `-c conda-forge -c pytorch` takes pytorch from conda-forge.
    """
    for stage, environment, install in project.installs:
        if install.installer is not Installer.CONDA or not install.channels or not install.name:
            continue
        channel = install.channels[0].rpartition("/")[2]
        ended = tables.conda_channels.ended(channel, install.name)
        if ended is None or install.requirement is None:
            continue
        if install.name != "pytorch" and environment.history.first("pytorch") is not None:
            continue  # each torchvision there is made for one pytorch, which decides
        caps = [cap for each in install.specifier if (cap := _cap(each)) is not None]
        if any(cap <= ended.newest for cap in caps) or _ends_below(install, ended.newest):
            continue  # a release of before
        beyond = ended.newest not in install.specifier
        others = len(install.channels) > 1  # which may have it
        if beyond and others:
            continue
        yield EndedChannel(stage, install, ended, beyond)


def _ends_below(install: Install, newest: Version) -> bool:
    """Whether nothing newer is wanted: `<2.6`, where the channel ended with 2.5.1."""
    following = Version(f"{newest.major}.{newest.minor + 1}")
    bounds = (each.version for each in install.specifier if each.operator == "<")
    return any(Version(bound) <= following for bound in bounds)


def _cap(specifier: Specifier) -> Version | None:
    """The version that a specifier allows nothing beyond: `==2.1.*`, `<2.4`."""
    if specifier.operator not in _CAPS:
        return None
    return Version(specifier.version.removesuffix(".*"))
