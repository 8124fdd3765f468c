"""A stage in; the packages that load CUDA from the system, and the libraries there are, out.

Of what was not read nothing is claimed; judges nothing.
"""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.cuda.gpu_evidence import gpu_evidence, says_no_gpu
from mllint.facts.cuda.toolkit import unseen_source
from mllint.facts.environments.environment import Environment, Held
from mllint.facts.images.base_image import Cuda, CudaFlavor, Python
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.torch_packages import TORCH_DEPENDENTS
from mllint.facts.wheels.variant_names import is_pytorch_page
from mllint.facts.wheels.wheel_variant import WheelVariant, torch_build
from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.tables import Tables
from mllint.tables.gpus import GpuLibrary

# Of no use without a GPU; the others run on a CPU as well.
_GPU_ONLY = ("onnxruntime-gpu", "cupy-cuda")
_CUBLAS = lazy(
    r"(?:libcublas|cuda-libraries|cuda-runtime|cuda-toolkit|cuda)(?:-dev)?-(\d+)-\d+|libcublas(\d+)"
)
_CUDNN = lazy(r"(?:lib)?cudnn(\d+)(?:-.*)?")
_UNVERSIONED = lazy(r"nvidia-cuda-.*|(?:lib)?cudnn(?:-.*)?|cuda|cuda-toolkit|tensorrt|libnvinfer.*")
_PIP_LIBRARY = lazy(r"nvidia-(?P<library>cublas|cudnn)(?:-cu(?P<major>\d+))?")
# Packages that bring CUDA libraries along or depend on what does, beside torch itself.
_BRINGERS = TORCH_DEPENDENTS | {
    *("tensorrt", "paddlepaddle-gpu", "nvidia-tensorrt", "torch-tensorrt", "jaxlib", "mxnet")
}
_LATER = "99999"


class LibraryNeed(NamedTuple):
    """A package that loads CUDA libraries which its wheel does not bring.

    version: None when the install fixes none; needs is then what the newest known release loads
    that has a wheel for the Python.
    """

    package: str
    version: Version | None
    needs: GpuLibrary
    install: Install
    environment: Environment


class CudaLibraries(NamedTuple):
    """The major versions of the CUDA libraries and of cuDNN that a process finds.

    torch: the build that brings its own, which others find only once it is imported.
    """

    cuda: frozenset[int]
    cudnn: frozenset[int]
    torch: WheelVariant | None


def library_needs(project: Project, stage: Stage, tables: Tables) -> Iterator[LibraryNeed]:
    """The packages of the stage that load CUDA from the system, where they are meant to."""
    if says_no_gpu(stage):
        return
    signs = [sign for sign in gpu_evidence(project, stage) if sign.package is None]
    for environment in stage.environments:
        torch = torch_build(environment, stage.base, stage.location, tables)
        # Beside a torch for CPUs, cupy came along with ray: nothing tells of a GPU.
        for_cpu = isinstance(torch, WheelVariant) and torch.variant == "cpu"
        for package in sorted(tables.gpus.library_packages):
            need = _need(environment, package, tables)
            meant = signs or (package.startswith(_GPU_ONLY) and not for_cpu)
            if need is not None and meant and need.install.stage == stage.index:
                yield need


def _need(environment: Environment, package: str, tables: Tables) -> LibraryNeed | None:
    held = environment.effective(package)
    if not isinstance(held, Held) or held.install is None or environment.opaque:
        return None
    install = held.install
    if install.installer is Installer.CONDA or not _is_public(install):
        return None
    if package == "faster-whisper" and any(environment.of("ctranslate2")):
        return None
    version = held.version if isinstance(held.version, Version) else None
    if version is None and not _takes_newest(install):
        return None
    needs = (
        tables.gpus.library(package, version) if version else _newest(environment, package, tables)
    )
    if needs is None or (needs.extras and install.extras & set(needs.extras)):
        return None
    return LibraryNeed(package, version, needs, install, environment)


def _is_public(install: Install) -> bool:
    """Whether the wheel is that of the public index: other pages hold builds for other CUDA."""
    if install.url is not None or not install.indexes.is_known or install.indexes.no_index:
        return False
    return all(is_pytorch_page(url) for url in install.indexes.urls)


def _newest(environment: Environment, package: str, tables: Tables) -> GpuLibrary | None:
    """What the newest release loads that has a wheel for the environment's Python."""
    releases = tables.wheels.releases(package)
    if not releases:
        return tables.gpus.newest_library(package)
    if not isinstance(environment.python, Python):
        return None
    python = environment.python.version
    fitting = [row.version for row in releases if row.has_wheel(python)]
    return tables.gpus.library(package, max(fitting)) if fitting else None


def _takes_newest(install: Install) -> bool:
    if install.pinned is not None or install.locked:
        return False
    return install.requirement is not None and install.specifier.contains(_LATER)


def cuda_libraries(
    project: Project, stage: Stage, environment: Environment, tables: Tables
) -> CudaLibraries | Unknown:
    """The CUDA libraries that a process of the environment finds; Unknown: some may be unseen."""
    base = stage.base
    if isinstance(base.cuda, Unknown):
        return base.cuda
    if isinstance(base.cudnn, Unknown):
        return base.cudnn
    unseen = unseen_source(project, stage, "cuda", "cudnn", "nvidia", "lib")
    if unseen is not None:
        return unseen
    cuda = {base.cuda.version.major} if _holds_cublas(base.cuda) and base.cuda else set()
    cudnn = {base.cudnn} if base.cudnn is not None else set()
    for package in stage.packages:
        name = package.name
        if package.removed:
            continue
        if match := _CUBLAS.fullmatch(name):
            cuda.add(int(match[1] or match[2]))
        elif match := _CUDNN.fullmatch(name):
            cudnn.add(int(match[1]))
        elif _UNVERSIONED.fullmatch(name):
            return Unknown(f"the version of {name}")
    return _with_wheels(stage, environment, cuda, cudnn, tables)


def _with_wheels(
    stage: Stage, environment: Environment, cuda: set[int], cudnn: set[int], tables: Tables
) -> CudaLibraries | Unknown:
    """What is in the system, and what the wheels of the environment add."""
    torch = torch_build(environment, stage.base, stage.location, tables)
    if isinstance(torch, Unknown):
        return torch
    for install in environment.installs:
        name = install.name or ""
        if install.installer is Installer.CONDA:
            return Unknown("conda may bring it")
        if match := _PIP_LIBRARY.fullmatch(name):
            # Without a suffix: the packages of CUDA 13.
            major = int(match["major"] or 13)
            version = install.exact
            cuda.add(major)
            if match["library"] == "cudnn":
                cudnn.add(version.major if version else 9)
        elif (name in _BRINGERS and torch is None) or _has_cuda_extra(install):
            return Unknown(f"what {install.text} brings along")
    return CudaLibraries(frozenset(cuda), frozenset(cudnn), torch)


def _holds_cublas(cuda: Cuda | None) -> bool:
    return cuda is not None and cuda.flavor is not CudaFlavor.BASE


def _has_cuda_extra(install: Install) -> bool:
    """`tensorflow[and-cuda]`, `jax[cuda12]`, `rembg[gpu]`."""
    return any("cu" in extra or "gpu" in extra or "ctk" in extra for extra in install.extras)
