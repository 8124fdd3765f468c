"""What a base image holds, as a value; `described.py` fills it from the tables."""

from collections.abc import Mapping

from mllint.facts.images.contents import (
    Cuda,
    CudaFlavor,
    Distro,
    Libc,
    Origin,
    Preinstalled,
    Python,
)
from mllint.facts.images.reference import ImageReference
from mllint.facts.images.tag_states import TagState
from mllint.facts.unknown import PerhapsUnset, Unknown
from mllint.named_tuple import NamedTuple

__all__ = [
    "BaseImage",
    "Cuda",
    "CudaFlavor",
    "Distro",
    "ImageReference",
    "Libc",
    "Origin",
    "Preinstalled",
    "Python",
    "TagState",
]


_FRAMEWORKS = frozenset(
    {"pytorch", "tensorflow", "tensorrt", "tritonserver", "jax", "paddlepaddle", "nemo"}
)


class BaseImage(NamedTuple):
    """What an image from outside the Dockerfile holds.

    Every field that the tables do not tell is Unknown; None means "known to be absent".
    python is what `python`/`pip` (or `python3`/`pip3`) of a RUN resolves to; distro_python is
    what the distribution's package manager installs as `python3`, whether or not it is there yet.
    has_pip: a `pip` or `pip3` command is on PATH. commands: those of cc, c++, gcc, g++, make, nvcc,
    git that are on PATH, and curl, wget, cmake, unzip where they are certainly there (their
    absence from the set tells nothing). preinstalled: known ML packages, in the environment of
    `python`; the list may not be complete. env: variables the image sets that matter here (PATH,
    LD_LIBRARY_PATH, PIP_*, NVIDIA_*); when env_complete, others are not set, except those that
    begin with one of `env_unknown`. tag_state: of the registry that is named, so a mirror's is
    never worse than UNKNOWN.
    """

    reference: ImageReference
    distro: Distro | Unknown
    libc: Libc | Unknown
    python: Python | Unknown | None
    distro_python: Python | Unknown | None
    has_pip: bool | Unknown
    cuda: Cuda | Unknown | None
    cudnn: int | Unknown | None
    commands: frozenset[str] | Unknown
    preinstalled: tuple[Preinstalled, ...] | Unknown
    env: Mapping[str, str]
    env_complete: bool
    user: str | Unknown
    workdir: str | Unknown
    eol: str | None  # ISO date of the distribution release's end of life, incl. extended support
    tag_state: TagState
    env_unknown: tuple[str, ...] = ()

    @property
    def is_jetson(self) -> bool:
        """Whether it is made for a Jetson: its builds run on the device, with its GPU."""
        name = self.reference.name.lower()
        return "l4t" in name or "jetson" in name or name.startswith("dustynv/")

    @property
    def is_ngc_framework(self) -> bool:
        """Whether it is one of NVIDIA's framework images, which start by a script of theirs."""
        name = self.reference.name
        return name.startswith("nvcr.io/nvidia/") and name.rpartition("/")[2] in _FRAMEWORKS

    @property
    def is_rocm(self) -> bool:
        """Whether it is made for AMD GPUs."""
        return self.reference.name.startswith("rocm/")

    def variable(self, name: str) -> str | Unknown | None:
        """The value of an environment variable; None when it is certainly not set."""
        if name in self.env:
            return self.env[name]
        if self.env_complete and not name.startswith(self.env_unknown):
            return None
        return PerhapsUnset(f"${name} may be set in the base image")
