"""A use of a base image in, what of it is gone out: its tag, its package servers, a PPA."""

from enum import Enum

from packaging.version import InvalidVersion, Version

from mllint.facts.images.base_image import Distro
from mllint.facts.images.base_uses import BaseUse
from mllint.facts.images.tag_states import TagState, tag_state
from mllint.facts.project import Project
from mllint.facts.system.package_sources import ppa_installs, server_request
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.distros import Archive, DistroRelease
from mllint.tables.rows import Confidence


class Gone(Enum):
    """What is gone."""

    TAG = "tag"  # the registry removed it
    SERVERS = "package servers"  # the servers that the image asks no longer have its release
    PPA = "personal package archive"


class Loss(NamedTuple):
    """What is gone of a base image.

    certain: False when the image may still be had: by its digest, or from a registry that an ARG
    chooses. subject: the tag, the command that asks the servers, or the package with its PPA.
    location: where that stands.
    """

    gone: Gone
    certain: bool
    subject: str
    location: Location


def loss_of(project: Project, use: BaseUse, tables: Tables) -> Loss | None:
    """What is gone of the image, so that this Dockerfile cannot be built; None when nothing is."""
    reference = use.image.reference
    tag = reference.tag or ("latest" if reference.digest is None else "")
    if tag and tag_state(reference.name, tag, tables) is TagState.GONE:
        certain = reference.digest is None and not use.choosable
        return Loss(Gone.TAG, certain, tag, use.word)
    distro = use.image.distro
    if not isinstance(distro, Distro):
        return None
    release = tables.distros.release(distro.name, distro.release)
    if release is None or release.confidence is Confidence.LOW:
        return None
    if release.archive is Archive.ARCHIVED:
        request = server_request(project, use.stages)
        if request is None:
            return None
        verb = next(word for word in request.words if not word.startswith("-"))
        return Loss(Gone.SERVERS, True, f"{request.program} {verb}", request.location)
    return _ppa_loss(use, release, tables)


def _ppa_loss(use: BaseUse, release: DistroRelease, tables: Tables) -> Loss | None:
    for ppa, package in ppa_installs(use.stages):
        row = tables.apt.emptied_ppa(ppa, package.name, release.distro, release.release)
        if row is None or _offered(package.name, release):
            continue
        return Loss(Gone.PPA, True, f"{package.name} from {ppa}", package.location)
    return None


def _offered(package: str, release: DistroRelease) -> bool:
    """Whether the distribution itself has that Python: `python3.9-dev` on Ubuntu 20.04."""
    try:
        version = Version(package.removeprefix("python").partition("-")[0])
    except InvalidVersion:
        return True
    return version in release.pythons
