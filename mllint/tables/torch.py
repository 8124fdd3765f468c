"""What is known of torch: its releases, and the variants of each on PyTorch's own index."""

from collections import defaultdict
from functools import cached_property
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.tables.rows import Confidence, read_rows

_INDEX = "https://download.pytorch.org/whl/"
_CPU_OR_CUDA = lazy(r"cpu|cu\d+")


class TorchRelease(NamedTuple):
    """One release; cuda, cudnn, nccl, triton, setuptools are those of the default Linux wheel.

    python_tags: `cp311`, `cp313t`. glibc_min: what the content needs, whatever the file name
    says. torchvision, torchaudio: the versions meant for it. aarch64_gpu: whether the default
    aarch64 wheel holds CUDA. driver_min: the lowest Linux driver for the default wheel.
    variants_complete: a CPU or CUDA variant without a row does not exist.
    """

    torch: Version
    released: str
    requires_python: SpecifierSet
    python_tags: tuple[str, ...]
    glibc_min: Version
    cuda: Version
    cudnn: Version | None
    nccl: Version | None
    triton: SpecifierSet | None
    setuptools: SpecifierSet | None
    torchvision: tuple[Version, ...]
    torchaudio: tuple[Version, ...]
    rocm: tuple[str, ...]
    aarch64_gpu: bool | None
    driver_min: Version
    variants_complete: bool
    confidence: Confidence


class TorchVariant(NamedTuple):
    """One build of a release: `cpu`, `cu121`; cuda is None for `cpu`.

    pypi_default: the build that the default index serves. index_url: the index, or for torch
    before 1.11 the find-links page, that holds it.
    """

    torch: Version
    variant: str
    cuda: Version | None
    cudnn: Version | None
    pypi_default: bool
    index_url: str
    confidence: Confidence


class TorchTable:
    """torch_releases.csv and torch_variants.csv; the local part of a version is ignored."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def releases(self) -> tuple[TorchRelease, ...]:
        """Every release, oldest first."""
        return read_rows(self._folder / "torch_releases.csv", TorchRelease)

    @cached_property
    def _by_version(self) -> dict[Version, TorchRelease]:
        return {release.torch: release for release in self.releases}

    @cached_property
    def _variants(self) -> dict[Version, tuple[TorchVariant, ...]]:
        found: defaultdict[Version, list[TorchVariant]] = defaultdict(list)
        for variant in read_rows(self._folder / "torch_variants.csv", TorchVariant):
            found[variant.torch].append(variant)
        return {version: tuple(variants) for version, variants in found.items()}

    @property
    def oldest(self) -> Version:
        """The oldest release that the table knows."""
        return self.releases[0].torch

    @property
    def newest(self) -> Version:
        """The newest release that the table knows; of later ones nothing is known."""
        return self.releases[-1].torch

    def release(self, version: Version) -> TorchRelease | None:
        """The release, or None when the table does not know it."""
        return self._by_version.get(_public(version))

    def variants(self, version: Version) -> tuple[TorchVariant, ...]:
        """The CPU and CUDA builds known of a release; more may exist unless `variants_complete`."""
        return self._variants.get(_public(version), ())

    def variant(self, version: Version, name: str) -> TorchVariant | None:
        """The build `name` (`cpu`, `cu121`) of a release, or None when no row has it."""
        return next((row for row in self.variants(version) if row.variant == name), None)

    def default_variant(self, version: Version) -> TorchVariant | None:
        """The build that the default index serves for Linux x86-64."""
        return next((row for row in self.variants(version) if row.pypi_default), None)

    def variant_exists(self, version: Version, name: str) -> bool | None:
        """Whether the build `name` (`cpu`, `cu121`, `rocm6.1`) exists; None when not known."""
        release = self.release(version)
        if release is None:
            return None
        if self.variant(version, name) or name.removeprefix("rocm") in release.rocm:
            return True
        if release.variants_complete and _CPU_OR_CUDA.fullmatch(name):
            return False
        return None

    def meant_for(self, version: Version, package: str) -> Version | None:
        """The newest torchvision or torchaudio that is meant for a release, None if not known."""
        release = self.release(version)
        if release is None or package not in ("torchvision", "torchaudio"):
            return None
        meant = release.torchvision if package == "torchvision" else release.torchaudio
        return meant[-1] if meant else None

    def meant_with(self, package: str, version: Version) -> Version | None:
        """The torch that a torchvision or torchaudio is meant for: both have the same builds."""
        torches = (release.torch for release in self.releases)
        return next((t for t in torches if self.meant_for(t, package) == version), None)

    def index_url(self, name: str) -> str:
        """The address of PyTorch's index for the variant `name`."""
        return _INDEX + name


def _public(version: Version) -> Version:
    return Version(version.public) if version.local else version
