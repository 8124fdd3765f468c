"""CUDA releases and torch builds in; the driver and the GPUs they need, and the libraries, out."""

import re
from functools import cached_property
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.tables.rows import Confidence, read_rows

_CAPABILITY = lazy(
    r"""
    (?: sm_? | compute_ )? (?: (?P<plain> \d{2,3} ) | (?P<major> \d{1,2} ) \. (?P<minor> \d ) )
    [a-f]?
    """,
    re.VERBOSE,
)


class GpuLibrary(NamedTuple):
    """Versions of a package that load CUDA libraries which their wheel does not bring along.

    cuda_major, cudnn_major: of the libraries; cudnn_major is None when it needs no cuDNN.
    extras: those of the package that install the libraries (`cuda`, `and-cuda`).
    """

    package: str
    versions: SpecifierSet
    cuda_major: int
    cudnn_major: int | None
    extras: tuple[str, ...]
    confidence: Confidence


class CudaDriver(NamedTuple):
    """The Linux driver of one CUDA release (`12.1`).

    toolkit_driver: the lowest that goes with a toolkit. compatible_driver: the lowest on which it
    runs by minor-version compatibility; None where there is none (before 11).
    """

    cuda: Version
    toolkit_driver: Version
    compatible_driver: Version | None
    confidence: Confidence


class TorchGpuArchs(NamedTuple):
    """The architectures of one torch build: `86` is compute capability 8.6.

    ptx: `none` when the build certainly has none, empty when that is not known.
    """

    torch: Version
    variant: str
    sass: tuple[str, ...]
    ptx: tuple[str, ...]
    confidence: Confidence

    def runs_on(self, capability: int) -> bool | None:
        """Whether a GPU (86 for 8.6) finds code to run; None where only unlisted PTX could tell.

        Machine code runs on the same major version and no lower a minor one, PTX on all later.
        """
        sass = [int(arch) for arch in self.sass]
        ptx = [int(arch) for arch in self.ptx if arch != "none"]
        if any(arch <= capability and arch // 10 == capability // 10 for arch in sass):
            return True
        if any(arch <= capability for arch in ptx):
            return True
        ptx_may_be_missing = not self.ptx and self.confidence is not Confidence.HIGH
        return None if ptx_may_be_missing and capability > max(sass, default=0) else False


class CudaArchs(NamedTuple):
    """The architectures for which nvcc of one CUDA release (`12.1`) compiles: 86 is 8.6."""

    cuda: Version
    lowest: int
    highest: int
    confidence: Confidence


class Gpu(NamedTuple):
    """A GPU; capability: 86 is 8.6. datacenter: forward-compatibility libraries run on it."""

    gpu: str
    capability: int
    datacenter: bool
    confidence: Confidence


class GpuFloor(NamedTuple):
    """The lowest compute capability on which versions of a package run."""

    package: str
    versions: SpecifierSet
    capability: int
    confidence: Confidence


class GpuTable:
    """gpu_libraries, gpus, gpu_floors, cuda_drivers, cuda_archs and torch_gpu_archs (.csv)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _libraries(self) -> tuple[GpuLibrary, ...]:
        return read_rows(self._folder / "gpu_libraries.csv", GpuLibrary)

    @cached_property
    def _gpus(self) -> dict[str, Gpu]:
        return {_key(row.gpu): row for row in read_rows(self._folder / "gpus.csv", Gpu)}

    @cached_property
    def floors(self) -> tuple[GpuFloor, ...]:
        """The packages that need a certain compute capability."""
        return read_rows(self._folder / "gpu_floors.csv", GpuFloor)

    @cached_property
    def _drivers(self) -> dict[Version, CudaDriver]:
        rows = read_rows(self._folder / "cuda_drivers.csv", CudaDriver)
        return {row.cuda: row for row in rows}

    @cached_property
    def _compiled(self) -> dict[Version, CudaArchs]:
        rows = read_rows(self._folder / "cuda_archs.csv", CudaArchs)
        return {row.cuda: row for row in rows}

    @cached_property
    def _archs(self) -> dict[tuple[Version, str], TorchGpuArchs]:
        rows = read_rows(self._folder / "torch_gpu_archs.csv", TorchGpuArchs)
        return {(row.torch, row.variant): row for row in rows}

    @property
    def library_packages(self) -> frozenset[str]:
        """The packages that need CUDA libraries from elsewhere, in some version."""
        return frozenset(row.package for row in self._libraries)

    def library(self, package: str, version: Version) -> GpuLibrary | None:
        """What that version loads; None when it needs nothing, or when it is not known."""
        return next(
            (
                row
                for row in self._libraries
                if row.package == package and row.versions.contains(version, prereleases=True)
            ),
            None,
        )

    def newest_library(self, package: str) -> GpuLibrary | None:
        """What the newest versions load that the table knows."""
        return next((row for row in reversed(self._libraries) if row.package == package), None)

    def driver(self, cuda: Version) -> CudaDriver | None:
        """The driver of a CUDA release (`12.1` and `12.1.1` are one), or None."""
        return self._drivers.get(Version(f"{cuda.major}.{cuda.minor}"))

    @property
    def newest_floor(self) -> Version:
        """The lowest driver of the newest CUDA major."""
        return max(row.compatible_driver for row in self._drivers.values() if row.compatible_driver)

    def gpu(self, text: str) -> Gpu | None:
        """The GPU that users mean by `H100`, `RTX 4090`, `sm_90` or `9.0`; None when not known.

        Of a number alone it is not known whether it is a data-centre GPU: it then counts as none.
        """
        if match := _CAPABILITY.fullmatch(text.strip().lower()):
            number = match["plain"] or match["major"] + match["minor"]
            return Gpu(text.strip(), int(number), False, Confidence.HIGH)
        return self._gpus.get(_key(text))

    def nvcc_archs(self, cuda: Version) -> CudaArchs | None:
        """What nvcc of a CUDA release compiles for (`12.1` and `12.1.1` are one), or None."""
        return self._compiled.get(Version(f"{cuda.major}.{cuda.minor}"))

    def torch_archs(self, torch: Version, variant: str) -> TorchGpuArchs | None:
        """The architectures of a torch build (`2.1.0`, `cu121`), or None when not known."""
        return self._archs.get((Version(torch.public), variant))


def _key(name: str) -> str:
    """`NVIDIA GeForce RTX 3090 Ti` and `rtx3090ti` are one."""
    text = name.lower()
    for word in ("nvidia", "geforce", "tesla"):
        text = text.replace(word, "")
    return "".join(char for char in text if char.isalnum())
