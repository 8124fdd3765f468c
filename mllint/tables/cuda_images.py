"""The tags of nvidia/cuda, and what the images of each CUDA release are."""

from enum import Enum
from functools import cached_property
from pathlib import Path

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, RowGroups, read_rows


class CudaTagStatus(Enum):
    """What was seen of a tag; UNCERTAIN: the sources disagree."""

    EXISTS = "exists"
    GONE = "gone"
    UNCERTAIN = "uncertain"


class CudaImageTag(NamedTuple):
    """A tag of nvidia/cuda that NVIDIA's lists have ever named, or a sibling of one."""

    tag: str
    status: CudaTagStatus
    confidence: Confidence


class CudaImageVersion(NamedTuple):
    """The images of one CUDA point release.

    os_suffixes: the last parts of its tags that were seen. cudnn_part: `cudnn8`, `cudnn`, or
    `none` when there is no cuDNN image. cudnn: its version in the Ubuntu images.
    ld_library_path: what the base image sets. newest_of_minor: no later point release is known.
    """

    cuda: Version
    os_suffixes: tuple[str, ...]
    cudnn_part: str
    cudnn: Version | None
    ld_library_path: str | None
    newest_of_minor: bool
    confidence: Confidence


class CudaImageTable:
    """cuda_image_tags.csv and cuda_image_versions.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _tags(self) -> RowGroups[CudaImageTag]:
        return RowGroups(self._folder / "cuda_image_tags.csv", CudaImageTag)

    @cached_property
    def _versions(self) -> dict[Version, CudaImageVersion]:
        rows = read_rows(self._folder / "cuda_image_versions.csv", CudaImageVersion)
        return {row.cuda: row for row in rows}

    def tag(self, tag: str) -> CudaImageTag | None:
        """The row of a tag, or None when no list ever named it."""
        return self._tags.first(tag)

    @property
    def tags(self) -> tuple[CudaImageTag, ...]:
        """Every tag with a row."""
        return tuple(row for tag in self._tags.keys for row in self._tags.rows(tag))

    def version(self, cuda: Version) -> CudaImageVersion | None:
        """The images of a point release (`12.1.1`), or None when it has no row."""
        return self._versions.get(cuda)

    @property
    def versions(self) -> tuple[CudaImageVersion, ...]:
        """Every point release with a row, oldest first."""
        return tuple(self._versions.values())

    @property
    def newest(self) -> Version:
        """The newest CUDA release with images; of later ones nothing is known."""
        return max(self._versions)

    def twins(self, tag: str) -> tuple[str, ...]:
        """The tags that exist with the CUDA minor, flavour and system of `tag`, newest last."""
        minor, _, rest = tag.partition("-")
        minor = ".".join(minor.split(".")[:2]) + "."
        return tuple(
            row.tag
            for key in self._tags.keys
            if key.startswith(minor) and key.partition("-")[2] == rest
            for row in self._tags.rows(key)
            if row.status is CudaTagStatus.EXISTS
        )

    def runtime_image(self, cuda_major: int, cudnn_major: int | None) -> str | None:
        """The tag of the newest image for Ubuntu 22.04 with these libraries, or None."""
        for row in reversed(self.versions):
            fits = cudnn_major is None or (row.cudnn and row.cudnn.major == cudnn_major)
            if row.cuda.major != cuda_major or not fits:
                continue
            cudnn = f"-{row.cudnn_part}" if cudnn_major is not None else ""
            tag = self.tag(f"{row.cuda}{cudnn}-runtime-ubuntu22.04")
            if tag is not None and tag.status is CudaTagStatus.EXISTS:
                return tag.tag
        return None
