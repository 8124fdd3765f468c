"""A project in; the stages whose image cannot be that of the platform they are built for, out."""

from collections.abc import Iterator
from enum import Enum

from packaging.version import Version

from mllint.facts.environments.environment import Held
from mllint.facts.images.base_image import Cuda
from mllint.facts.installs.install import Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.wheels.variant_names import is_pytorch_page
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables


class PlatformFault(Enum):
    """Why the image and the platform do not go together."""

    AMD64_IMAGE = "the image is published for x86-64 only"
    FIXED = "FROM fixes another platform than the one that is built for"
    BUILDPLATFORM = (
        "the stage that ships is of the machine that builds, not of the one that runs it"
    )
    JETSON_TORCH = "the wheel holds no CUDA on arm64"


class WrongPlatform(NamedTuple):
    """A stage of the wrong platform; what: the image, the platform or the wheel, in words."""

    fault: PlatformFault
    what: str
    platform: str
    stage: Stage
    location: Location


def wrong_platforms(project: Project, tables: Tables) -> Iterator[WrongPlatform]:
    """The judged stages that are of another platform than they have to be, each once."""
    target = project.target
    if target is None:
        return
    bound = _bound_to_builder(project, target)
    if bound is not None:
        yield bound
    for stage in project.judged:
        found = _amd64_image(project, stage, tables) if stage.parent is None else None
        if found is not None:
            yield found
    yield from _jetson_torch(target, tables)


def _bound_to_builder(project: Project, target: Stage) -> WrongPlatform | None:
    """`FROM --platform=$BUILDPLATFORM` at the root of the stage that ships, where programs run."""
    root = project.root(target)
    flag = root.instruction.flag("platform") or ""
    ran = any(stage.runs for stage in project.lineage(target))
    if flag.strip('"').strip("${}") != "BUILDPLATFORM" or not ran:
        return None
    fault, place = PlatformFault.BUILDPLATFORM, root.location
    return WrongPlatform(fault, root.base.reference.text, "", target, place)


def _amd64_image(project: Project, stage: Stage, tables: Tables) -> WrongPlatform | None:
    wanted = project.options.platform
    if "arm64" not in wanted or not isinstance(stage.platform, str | None):
        return None
    image = stage.base.reference.text
    own = stage.platform or wanted
    if "amd64" in own:
        if isinstance(stage.base.cuda, Cuda) and _is_shipped(project, stage):
            return WrongPlatform(PlatformFault.FIXED, own, wanted, stage, stage.location)
        return None
    if tables.framework_images.is_amd64_only(stage.base.reference.name):
        return WrongPlatform(PlatformFault.AMD64_IMAGE, image, wanted, stage, stage.location)
    return None


def _is_shipped(project: Project, stage: Stage) -> bool:
    target = project.target
    return target is not None and stage in tuple(project.lineage(target))


def _jetson_torch(stage: Stage, tables: Tables) -> Iterator[WrongPlatform]:
    """Torch from PyTorch's own index in an image for a Jetson, of a release without CUDA."""
    if not stage.base.is_jetson:
        return
    for environment in stage.environments:
        held = environment.effective("torch")
        if not isinstance(held, Held) or held.install is None:
            continue
        install = held.install
        plain = install.installer in (Installer.PIP, Installer.UV_PIP) and install.url is None
        index = install.indexes.primary
        # Images for a Jetson may set an index of their own: the command has to name PyTorch's.
        if not plain or not isinstance(index, str) or not is_pytorch_page(index):
            continue
        if isinstance(held.version, Version):
            release = tables.torch.release(held.version)
            if release is not None and release.aarch64_gpu is False:
                fault, what = PlatformFault.JETSON_TORCH, f"torch {held.version}"
                yield WrongPlatform(fault, what, "arm64", stage, install.location)
