"""CUDA releases and torch builds in; the driver and the GPUs they need, and the libraries, out."""

from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.tables.rows import Confidence, read_rows


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

    ptx: empty when the build has none, or when that is not known.
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
        sass, ptx = [int(arch) for arch in self.sass], [int(arch) for arch in self.ptx]
        if any(arch <= capability and arch // 10 == capability // 10 for arch in sass):
            return True
        if any(arch <= capability for arch in ptx):
            return True
        ptx_may_be_missing = not ptx and self.confidence is not Confidence.HIGH
        return None if ptx_may_be_missing and capability > max(sass, default=0) else False


class CudaArchs(NamedTuple):
    """The architectures for which nvcc of one CUDA release (`12.1`) compiles: 86 is 8.6."""

    cuda: Version
    lowest: int
    highest: int
    confidence: Confidence


class GpuTable:
    """gpu_libraries.csv, cuda_drivers.csv, cuda_archs.csv and torch_gpu_archs.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _libraries(self) -> tuple[GpuLibrary, ...]:
        return read_rows(self._folder / "gpu_libraries.csv", GpuLibrary)

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

    def nvcc_archs(self, cuda: Version) -> CudaArchs | None:
        """What nvcc of a CUDA release compiles for (`12.1` and `12.1.1` are one), or None."""
        return self._compiled.get(Version(f"{cuda.major}.{cuda.minor}"))

    def torch_archs(self, torch: Version, variant: str) -> TorchGpuArchs | None:
        """The architectures of a torch build (`2.1.0`, `cu121`), or None when not known."""
        return self._archs.get((Version(torch.public), variant))
