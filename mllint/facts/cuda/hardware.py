"""An image and the driver and GPUs of the configuration in, what it needs that they lack, out."""

from collections.abc import Iterator
from enum import Enum

from packaging.version import Version

from mllint.facts.cuda.uses import cuda_wheels
from mllint.facts.environments.environment import Environment, Held
from mllint.facts.images.base_image import Cuda
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.wheel_variant import WheelVariant, torch_build
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.gpus import Gpu
from mllint.tables.rows import Confidence

# Images that ask the driver for their CUDA when a container starts (NVIDIA_REQUIRE_CUDA), and that
# bring the forward-compatibility libraries along.
_ASKING = ("nvidia/cuda", "nvcr.io/nvidia/cuda", "nvcr.io/nvidia/pytorch")


class Lack(Enum):
    """What the declared driver or GPU does not do."""

    DRIVER = "the driver is too old for this CUDA major"
    START = "the driver is older than the CUDA that the image asks for"
    ARCH = "the wheel holds no code for the GPU"
    PACKAGE = "the package does not run on the GPU"
    UNDECLARED = "no driver is declared"


class HardwareNeed(NamedTuple):
    """Something in the image that needs more than is declared, or that is worth declaring.

    what: the wheel or the image, in words. needed: the driver (590.44.01), CUDA (12.8) or compute
    capabilities, as text. has: what the configuration names. certain: nothing can make it run.
    """

    lack: Lack
    what: str
    cuda: Version | None
    needed: str
    has: str
    location: Location
    certain: bool


def hardware_needs(project: Project, stage: Stage, tables: Tables) -> Iterator[HardwareNeed]:
    """What of the stage the declared driver and GPUs do not run."""
    gpus = [gpu for text in project.options.gpus if (gpu := tables.gpus.gpu(text)) is not None]
    root = project.root(stage).location
    wheels = list(cuda_wheels(stage, root, tables))
    if project.options.driver is None:
        yield from _undeclared(stage, wheels, root, tables)
    else:
        yield from _driver_lacks(project, stage, wheels, gpus, root, tables)
    for gpu in gpus:
        yield from _gpu_lacks(stage, gpu, root, tables)


def _undeclared(
    stage: Stage, wheels: list[WheelVariant], root: Location, tables: Tables
) -> Iterator[HardwareNeed]:
    """The first thing that needs the driver of the newest CUDA major, as many hosts lack it."""
    found = [(wheel.text, wheel.cuda, wheel.location) for wheel in wheels if wheel.cuda]
    if isinstance(stage.base.cuda, Cuda):
        found.append((stage.base.reference.text, stage.base.cuda.version, root))
    newest = tables.gpus.newest_floor
    for what, cuda, location in found:
        if _floor(cuda, tables) == newest:
            need = _driver_text(newest)
            yield HardwareNeed(Lack.UNDECLARED, what, cuda, need, "", location, certain=False)
            return


def _driver_lacks(
    project: Project,
    stage: Stage,
    wheels: list[WheelVariant],
    gpus: list[Gpu],
    root: Location,
    tables: Tables,
) -> Iterator[HardwareNeed]:
    driver = project.options.driver or ""
    compat = _has_compat(stage)
    # Forward-compatibility libraries serve data-centre GPUs; of GPUs not named it is not known.
    if compat and gpus and all(gpu.datacenter for gpu in gpus):
        return
    certain = not compat or bool(gpus)
    for wheel in wheels:
        floor = _floor(wheel.cuda, tables) if wheel.cuda else None
        if floor is not None and _is_older(driver, floor):
            lack, needed = Lack.DRIVER, _driver_text(floor)
            yield HardwareNeed(
                lack, wheel.text, wheel.cuda, needed, driver, wheel.location, certain
            )
    cuda = stage.base.cuda
    asks = stage.base.reference.name in _ASKING and not _is_switched_off(stage)
    row = tables.gpus.driver(cuda.version) if isinstance(cuda, Cuda) and asks else None
    if row is not None and isinstance(cuda, Cuda) and _is_older(driver, row.toolkit_driver):
        floor = row.compatible_driver or row.toolkit_driver
        below = _is_older(driver, floor)
        needed = _driver_text(floor if below else row.toolkit_driver)
        image = stage.base.reference.text
        lack = Lack.DRIVER if below else Lack.START
        yield HardwareNeed(lack, image, cuda.version, needed, driver, root, certain and below)


def _gpu_lacks(stage: Stage, gpu: Gpu, root: Location, tables: Tables) -> Iterator[HardwareNeed]:
    for environment in stage.environments:
        torch = torch_build(environment, stage.base, root, tables)
        if isinstance(torch, WheelVariant) and isinstance(torch.version, Version):
            archs = tables.gpus.torch_archs(torch.version, torch.variant)
            if archs is not None and archs.runs_on(gpu.capability) is False:
                certain = archs.confidence is not Confidence.LOW
                held = ", ".join(_dotted(int(arch)) for arch in archs.sass)
                place = torch.location
                what = torch.text
                yield HardwareNeed(Lack.ARCH, what, torch.cuda, held, _named(gpu), place, certain)
        yield from _package_lacks(environment, gpu, tables)


def _package_lacks(environment: Environment, gpu: Gpu, tables: Tables) -> Iterator[HardwareNeed]:
    for row in tables.gpus.floors:
        held = environment.effective(row.package)
        if not isinstance(held, Held) or held.install is None or isinstance(held.version, Unknown):
            continue
        if row.versions.contains(held.version, prereleases=True) and (
            gpu.capability < row.capability
        ):
            what = f"{row.package} {held.version}"
            certain = row.confidence is Confidence.HIGH
            needed, place = _dotted(row.capability), held.install.location
            yield HardwareNeed(Lack.PACKAGE, what, None, needed, _named(gpu), place, certain)


def _floor(cuda: Version, tables: Tables) -> Version | None:
    row = tables.gpus.driver(cuda)
    return None if row is None else row.compatible_driver or row.toolkit_driver


def _driver_text(driver: Version) -> str:
    """`580.65.06`: as NVIDIA writes it, with a zero that versions do not keep."""
    first, *rest = driver.release
    return ".".join((str(first), *(f"{field:02}" for field in rest)))


def _is_older(driver: str, floor: Version) -> bool:
    """Field by field; a branch alone (`535`) is older only than a later branch."""
    fields = tuple(int(field) for field in driver.split("."))
    return fields < floor.release[: len(fields)]


def _has_compat(stage: Stage) -> bool:
    named = any(package.name.startswith("cuda-compat") for package in stage.packages)
    return named or stage.base.reference.name in _ASKING


def _is_switched_off(stage: Stage) -> bool:
    value = stage.env.get("NVIDIA_DISABLE_REQUIRE")
    return isinstance(value, Unknown) or (value or "").lower() in ("1", "true", "t")


def _named(gpu: Gpu) -> str:
    dotted = _dotted(gpu.capability)
    digits = "".join(char for char in gpu.gpu if char.isdigit())
    return dotted if digits == str(gpu.capability) else f"{gpu.gpu} ({dotted})"


def _dotted(capability: int) -> str:
    return f"{capability // 10}.{capability % 10}"
