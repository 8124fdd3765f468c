"""Dated fact tables of `rules/tables` in, frozen typed rows out.

Each table is read when it is first asked for, and its module imported then: a run pays for what
its Dockerfiles need. A table answers with a row, or with None where it does not know; what a
missing row means stands in the `.toml` beside each CSV. Knows no Dockerfile and no `Unknown`.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mllint.tables.apt import AptTable
    from mllint.tables.base_images import BaseImageTable
    from mllint.tables.build_failures import BuildFailureTable
    from mllint.tables.builds import BuildTable
    from mllint.tables.companions import CompanionTable
    from mllint.tables.conda_channels import CondaChannelTable
    from mllint.tables.cuda_images import CudaImageTable
    from mllint.tables.data_folders import DataFolderTable
    from mllint.tables.distributions import DistributionTable
    from mllint.tables.distros import DistroTable
    from mllint.tables.framework_images import FrameworkImageTable
    from mllint.tables.get_pip import GetPipTable
    from mllint.tables.gpus import GpuTable
    from mllint.tables.import_names import ImportNameTable
    from mllint.tables.package_sizes import PackageSizeTable
    from mllint.tables.packages import PackageTable
    from mllint.tables.python_images import PythonImageTable
    from mllint.tables.shared_libraries import SharedLibraryTable
    from mllint.tables.torch import TorchTable
    from mllint.tables.wheel_growth import WheelGrowth
    from mllint.tables.wheels import WheelTable


class Tables:
    """The tables of one folder; a query raises TableError when a file is missing or malformed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def torch(self) -> "TorchTable":
        """torch: releases and their variants."""
        from mllint.tables.torch import TorchTable

        return TorchTable(self._folder)

    @cached_property
    def companions(self) -> "CompanionTable":
        """torchvision, xformers, vllm and others: which torch each release requires."""
        from mllint.tables.companions import CompanionTable

        return CompanionTable(self._folder)

    @cached_property
    def wheels(self) -> "WheelTable":
        """For which Pythons and C libraries the releases of ML packages have wheels."""
        from mllint.tables.wheels import WheelTable

        return WheelTable(self._folder)

    @cached_property
    def builds(self) -> "BuildTable":
        """What packages that are compiled on install need."""
        from mllint.tables.builds import BuildTable

        return BuildTable(self._folder)

    @cached_property
    def build_failures(self) -> "BuildFailureTable":
        """What failed builds print, and what it means."""
        from mllint.tables.build_failures import BuildFailureTable

        return BuildFailureTable(self._folder)

    @cached_property
    def package_sizes(self) -> "PackageSizeTable":
        """What large packages take on the disk at least."""
        from mllint.tables.package_sizes import PackageSizeTable

        return PackageSizeTable(self._folder)

    @cached_property
    def distributions(self) -> "DistributionTable":
        """Distributions that share a module, cannot be had, or need NumPy 1."""
        from mllint.tables.distributions import DistributionTable

        return DistributionTable(self._folder)

    @cached_property
    def distros(self) -> "DistroTable":
        """Distribution releases: Python, C library, support dates."""
        from mllint.tables.distros import DistroTable

        return DistroTable(self._folder)

    @cached_property
    def apt(self) -> "AptTable":
        """Debian package names that changed."""
        from mllint.tables.apt import AptTable

        return AptTable(self._folder)

    @cached_property
    def base_images(self) -> "BaseImageTable":
        """What known base images hold."""
        from mllint.tables.base_images import BaseImageTable

        return BaseImageTable(self._folder)

    @cached_property
    def conda_channels(self) -> "CondaChannelTable":
        """Conda channels that take no releases any more."""
        from mllint.tables.conda_channels import CondaChannelTable

        return CondaChannelTable(self._folder)

    @cached_property
    def cuda_images(self) -> "CudaImageTable":
        """The tags of nvidia/cuda."""
        from mllint.tables.cuda_images import CudaImageTable

        return CudaImageTable(self._folder)

    @cached_property
    def python_images(self) -> "PythonImageTable":
        """The tags of the official python image."""
        from mllint.tables.python_images import PythonImageTable

        return PythonImageTable(self._folder)

    @cached_property
    def framework_images(self) -> "FrameworkImageTable":
        """The tags of pytorch/pytorch and the releases of NVIDIA's PyTorch image."""
        from mllint.tables.framework_images import FrameworkImageTable

        return FrameworkImageTable(self._folder)

    @cached_property
    def data_folders(self) -> "DataFolderTable":
        """Where the images of databases keep their data."""
        from mllint.tables.data_folders import DataFolderTable

        return DataFolderTable(self._folder)

    @cached_property
    def gpus(self) -> "GpuTable":
        """Drivers, GPU architectures, and packages that need CUDA libraries from elsewhere."""
        from mllint.tables.gpus import GpuTable

        return GpuTable(self._folder)

    @cached_property
    def get_pip(self) -> "GetPipTable":
        """Old Pythons and the get-pip script for each."""
        from mllint.tables.get_pip import GetPipTable

        return GetPipTable(self._folder)

    @cached_property
    def import_names(self) -> "ImportNameTable":
        """The modules of distributions that are called otherwise."""
        from mllint.tables.import_names import ImportNameTable

        return ImportNameTable(self._folder)

    @cached_property
    def packages(self) -> "PackageTable":
        """What packages are to an image: compilers, users of nvcc, heavy ones."""
        from mllint.tables.packages import PackageTable

        return PackageTable(self._folder)

    @cached_property
    def shared_libraries(self) -> "SharedLibraryTable":
        """Shared libraries of the system: which packages need them, which bring them."""
        from mllint.tables.shared_libraries import SharedLibraryTable

        return SharedLibraryTable(self._folder)

    @cached_property
    def wheel_growth(self) -> "WheelGrowth":
        """What wheels take up once they are installed."""
        from mllint.tables.wheel_growth import WheelGrowth

        return WheelGrowth(self._folder)
