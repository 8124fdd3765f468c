"""The environments of a stage in, the packages that end up there as a build without CUDA, out.

Says what the file asks for; whether the image is meant for a GPU is another fact.
"""

from collections.abc import Iterator
from enum import Enum

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.images.base_image import Cuda
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.wheel_variant import held_variant
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables

# Packages that use a GPU by themselves: beside them another one may be meant for the CPU.
_GPU_USERS = frozenset(
    {"torch", "tensorflow", "jax", "tensorrt", "tensorrt-llm", "onnxruntime-gpu", "ctranslate2"}
    | {"faster-whisper", "paddlepaddle-gpu", "mxnet", "vllm", "sglang", "llama-cpp-python"}
    | {"tensorflow-gpu", "pytorch", "tritonclient", "cudf-cu12", "cuml-cu12", "deepstream"}
)


class Reason(Enum):
    """What makes it a build without CUDA."""

    NAMED = "the requirement or the index says so"
    AUTO = "uv looks for a driver while it builds, and finds none"
    ARM = "the wheel for this architecture has no CUDA"
    EXTRA = "the extra that brings CUDA is not asked for"
    DISTRIBUTION = "the distribution with CUDA has another name"


class CpuBuild(NamedTuple):
    """A package without CUDA. location: what a person would edit.

    source: what gives that build; for EXTRA and DISTRIBUTION the extra or name to ask for instead.
    others: the GPU users beside it, by name. local: the requirement itself names the build.
    """

    package: str
    version: Version | Unknown
    reason: Reason
    source: str
    location: Location
    others: tuple[str, ...]
    local: bool = False


def cpu_builds(project: Project, stage: Stage, tables: Tables) -> Iterator[CpuBuild]:
    """The packages without CUDA that the environments of the stage hold."""
    for environment in stage.environments:
        others = _gpu_users(environment)
        for found in (
            _torch(project, stage, environment, tables),
            _conda(environment),
            _jax(environment),
            _tensorflow(stage, environment, tables),
            _onnxruntime(environment),
        ):
            if found is not None:
                beside = tuple(name for name in others if name != found.package)
                yield found._replace(others=beside)


def _gpu_users(environment: Environment) -> tuple[str, ...]:
    names = {install.name or "" for install in environment.installs if not install.uninstall}
    if not isinstance(environment.preinstalled, Unknown):
        names |= {package.name for package in environment.preinstalled}
    return tuple(sorted(names & _GPU_USERS))


def _torch(
    project: Project, stage: Stage, environment: Environment, tables: Tables
) -> CpuBuild | None:
    held = environment.effective("torch")
    if not isinstance(held, Held) or held.install is None:
        return None
    install = held.install
    if install.indexes.torch_backend == "auto" and not _on_device(stage, install):
        source = "the torch backend `auto`"
        return CpuBuild("torch", held.version, Reason.AUTO, source, install.command, ())
    variant = held_variant(environment, "torch", tables)
    if variant is None or isinstance(variant, Unknown):
        return None
    if variant.variant == "cpu":
        local = "+cpu" in install.text
        place = install.location if local else install.command
        return CpuBuild("torch", held.version, Reason.NAMED, variant.source, place, (), local)
    root = project.root(stage)
    platform = project.options.platform if root.platform is None else root.platform
    if isinstance(platform, Unknown) or "arm64" not in platform or not install.indexes.is_default:
        return None
    if isinstance(held.version, Version):
        release = tables.torch.release(held.version)
        if release is not None and release.aarch64_gpu is False:
            source = "PyPI's wheel for arm64"
            return CpuBuild("torch", held.version, Reason.ARM, source, install.location, ())
    return None


def _on_device(stage: Stage, install: Install) -> bool:
    """Whether the RUN has a GPU: `RUN --device=nvidia.com/gpu=all`."""
    return any(
        flag.name == "device"
        for run in stage.executions
        if run.location == install.command
        for flag in run.instruction.flags
    )


def _conda(environment: Environment) -> CpuBuild | None:
    found = [install for install in environment.of("cpuonly") if not install.conditional]
    if not found or not any(environment.of("pytorch")):
        return None
    unknown = Unknown("conda chooses the version")
    return CpuBuild("pytorch", unknown, Reason.NAMED, "cpuonly", found[-1].location, ())


def _plain(environment: Environment, name: str) -> Held | None:
    """The package as pip's own install certainly left it."""
    held = environment.effective(name)
    if not isinstance(held, Held) or held.install is None or environment.opaque:
        return None
    install = held.install
    if install.installer not in (Installer.PIP, Installer.UV_PIP) or install.url is not None:
        return None
    return held if install.indexes.is_default and install.pinned is None else None


def _extras(environment: Environment, name: str) -> frozenset[str]:
    return frozenset(extra for install in environment.of(name) for extra in install.extras)


def _names(environment: Environment) -> set[str]:
    return {install.name or "" for install in environment.installs}


def _jax(environment: Environment) -> CpuBuild | None:
    held = _plain(environment, "jax")
    if held is None or held.install is None or _extras(environment, "jax"):
        return None
    names = _names(environment)
    if any(name.startswith("jax-cuda") or name == "jax-metal" for name in names):
        return None
    if any(install.exact or install.url for install in environment.of("jaxlib")):
        return None  # `jaxlib==0.4.7+cuda12.cudnn88`
    return CpuBuild("jax", held.version, Reason.EXTRA, "cuda12", held.install.location, ())


def _tensorflow(stage: Stage, environment: Environment, tables: Tables) -> CpuBuild | None:
    held = _plain(environment, "tensorflow")
    if held is None or held.install is None or _extras(environment, "tensorflow"):
        return None
    if isinstance(held.version, Unknown):
        return None
    library = tables.gpus.library("tensorflow", held.version)
    if library is None or not library.extras:
        return None
    cuda, cudnn = stage.base.cuda, stage.base.cudnn
    if isinstance(cuda, Unknown) or isinstance(cudnn, Unknown):
        return None
    whole = isinstance(cuda, Cuda) and cudnn is not None
    brought = any(name.startswith("nvidia-") or name == "torch" for name in _names(environment))
    if whole or brought or any("cud" in package.name for package in stage.packages):
        return None
    place = held.install.location
    return CpuBuild("tensorflow", held.version, Reason.EXTRA, library.extras[0], place, ())


def _onnxruntime(environment: Environment) -> CpuBuild | None:
    held = _plain(environment, "onnxruntime")
    if held is None or held.install is None:
        return None
    if any(name.startswith("onnxruntime-") for name in _names(environment)):
        return None
    source, place = "onnxruntime-gpu", held.install.location
    return CpuBuild("onnxruntime", held.version, Reason.DISTRIBUTION, source, place, ())
