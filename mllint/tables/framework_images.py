"""Images of GPU frameworks: their tags and releases, and those that are for x86-64 only."""

from functools import cached_property
from pathlib import Path

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, read_rows


class PytorchImageTag(NamedTuple):
    """A tag of pytorch/pytorch; HIGH: seen in use, else expected from the release matrix."""

    tag: str
    torch: Version
    cuda: Version
    cudnn: int
    flavor: str
    confidence: Confidence


class NgcPytorchImage(NamedTuple):
    """A release (`24.05`) of nvcr.io/nvidia/pytorch; torch is NVIDIA's build (`2.4.0a0+…`)."""

    release: str
    torch: Version | None
    cuda: Version
    python: Version
    ubuntu: str
    confidence: Confidence


class Amd64Image(NamedTuple):
    """An image that is published for x86-64 only."""

    image: str
    confidence: Confidence


class FrameworkImageTable:
    """pytorch_image_tags, ngc_pytorch_images, amd64_images; a missing row alone proves nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _pytorch(self) -> dict[str, PytorchImageTag]:
        rows = read_rows(self._folder / "pytorch_image_tags.csv", PytorchImageTag)
        return {row.tag: row for row in rows}

    @cached_property
    def _ngc(self) -> dict[str, NgcPytorchImage]:
        rows = read_rows(self._folder / "ngc_pytorch_images.csv", NgcPytorchImage)
        return {row.release: row for row in rows}

    def pytorch(self, tag: str) -> PytorchImageTag | None:
        """The row of a tag of pytorch/pytorch, or None."""
        return self._pytorch.get(tag)

    @property
    def pytorch_tags(self) -> tuple[PytorchImageTag, ...]:
        """The known tags of pytorch/pytorch."""
        return tuple(self._pytorch.values())

    def ngc_pytorch(self, release: str) -> NgcPytorchImage | None:
        """The release (`24.05`) of nvcr.io/nvidia/pytorch, or None."""
        return self._ngc.get(release)

    @cached_property
    def _amd64(self) -> frozenset[str]:
        return frozenset(
            row.image for row in read_rows(self._folder / "amd64_images.csv", Amd64Image)
        )

    def is_amd64_only(self, image: str) -> bool:
        """Whether an image (`pytorch/pytorch`) is certainly not there for other platforms."""
        return image in self._amd64
