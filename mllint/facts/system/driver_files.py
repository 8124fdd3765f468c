"""A stage in, what it brings of NVIDIA's driver, or of the tool that mounts it, out."""

import posixpath
import re
from collections.abc import Iterator
from enum import Enum

from mllint.facts.commands.executions import Execution
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import SystemPackage
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.regex import lazy

_DRIVER = lazy(
    r"""
    nvidia-(?:driver|utils|compute-utils|headless|headless-no-dkms|dkms|kernel-common)-\d+.*
    | nvidia-(?:driver|smi|driver-libs|driver-bin) | nvidia-driver-(?:cuda|libs).*
    | libnvidia-(?:compute|gl|encode|decode|cfg1|fbc1|extra|common)-\d+.*
    | libcuda1(?:-\d+)? | libnvidia-ml1 | libnvcuvid1 | cuda-drivers(?:-\d+)?
    """,
    re.VERBOSE,
)
_META = lazy(r"cuda(?:-(?P<version>\d+-\d+))?")  # each depends on cuda-drivers
_TOOL = lazy(r"nvidia-(?:container-toolkit|container-runtime|docker2|docker)(?:-base)?")
_LIBRARY = lazy(r"(?:libcuda|libnvidia-(?!container)[\w-]+|libnvcuvid)\.so(?:\.\d[\d.]*)?")
_ENGINES = ("docker.io", "docker-ce", "containerd.io", "containerd", "podman", "moby-engine")


class DriverPart(Enum):
    """What it is."""

    DRIVER = "a package of the driver"
    META = "a CUDA package that brings the driver"
    LIBRARY = "a library of a host's driver"
    INSTALLER = "the driver's installer"
    TOOL = "a package of the container toolkit, which belongs on the host"


class DriverFile(NamedTuple):
    """One such thing, where it stands, and what to install instead (None: nothing)."""

    part: DriverPart
    name: str
    location: Location
    instead: str | None = None


def driver_files(project: Project, stage: Stage) -> Iterator[DriverFile]:
    """What the finished stage keeps of a driver that its own file put in."""
    engine = stage.holds_package(*_ENGINES)
    removed = {package.name for package in stage.packages if package.removed}
    for package in stage.packages:
        conditional = package.execution.conditional or package.execution.tolerated
        if package.removed or package.name in removed or conditional:
            continue
        found = _package(package)
        if found is not None and not (found.part is DriverPart.TOOL and engine):
            yield found
    for ancestor in project.lineage(stage):
        for copy in ancestor.copies:
            for source in copy.sources:
                name = posixpath.basename(source) if isinstance(source, str) else ""
                if copy.from_context and ".so" in name and _LIBRARY.fullmatch(name):
                    yield DriverFile(DriverPart.LIBRARY, name, copy.location)
        for execution in ancestor.executions:
            installer = _installer(execution)
            if installer is not None and not execution.conditional:
                yield DriverFile(DriverPart.INSTALLER, installer, execution.location)


def _package(package: SystemPackage) -> DriverFile | None:
    name = package.name
    if "nvidia" not in name and "cuda" not in name and "nvcuvid" not in name:
        return None
    if _DRIVER.fullmatch(name):
        return DriverFile(DriverPart.DRIVER, name, package.location)
    if _TOOL.fullmatch(name):
        return DriverFile(DriverPart.TOOL, name, package.location)
    meta = _META.fullmatch(name)
    if meta is None:
        return None
    instead = f"cuda-toolkit-{meta['version']}" if meta["version"] else "cuda-toolkit"
    return DriverFile(DriverPart.META, name, package.location, instead)


def _installer(execution: Execution) -> str | None:
    """`sh NVIDIA-Linux-x86_64-550.54.14.run`, `./cuda_12.4.0_550.54.14_linux.run --driver`."""
    for word in (execution.program, *execution.words):
        name = posixpath.basename(word)
        if not name.endswith(".run") or execution.program in ("wget", "curl", "rm", "chmod"):
            continue
        if name.startswith("NVIDIA-Linux") or (
            name.startswith("cuda_") and "--driver" in execution.words
        ):
            return name
    return None
