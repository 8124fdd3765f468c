"""An image reference in, what that base image holds out, by the dated tables; knows no Dockerfile."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from packaging.version import Version

from mllint.facts.unknown import Unknown
from mllint.tables import Tables


@dataclass(frozen=True, slots=True)
class ImageReference:
    """The parts of an image reference.

    registry: host with port, "docker.io" when none is written. repository: without the registry
    and without Docker Hub's implicit `library/` (`python`, `nvidia/cuda`, `nvidia/pytorch`).
    name: how the tables name it: the repository for Docker Hub, `registry/repository` otherwise.
    text: as written.
    """

    text: str
    registry: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def name(self) -> str:
        """`python`, `nvidia/cuda`, `nvcr.io/nvidia/pytorch`."""
        prefix = "" if self.registry == "docker.io" else f"{self.registry}/"
        return prefix + self.repository


@dataclass(frozen=True, slots=True)
class Distro:
    """A Linux distribution: name as in os-release (`ubuntu`, `debian`, `alpine`, `rhel`), release, codename."""

    name: str
    release: str
    codename: str = ""

    def __str__(self) -> str:
        """`Ubuntu 22.04`, `Debian 12 (bookworm)`."""
        code = f" ({self.codename})" if self.codename and self.name == "debian" else ""
        return f"{self.name.capitalize()} {self.release}{code}"


@dataclass(frozen=True, slots=True)
class Libc:
    """The C library: `glibc` or `musl`, and its version."""

    name: str
    version: Version | None


class Origin(Enum):
    """Where an interpreter comes from, which decides who may install into it."""

    IMAGE = "built into the image"  # /usr/local of the official python image
    DISTRO = "distribution package"
    CONDA = "conda"
    UV = "uv python install"
    PPA = "third-party apt source"  # deadsnakes


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter: version (major.minor, or more when known), prefix (`/usr`), PEP 668 marker."""

    version: Version
    prefix: str
    origin: Origin
    externally_managed: bool | Unknown


class CudaFlavor(Enum):
    """How much of the toolkit a CUDA image holds."""

    BASE = "base"  # cudart only
    RUNTIME = "runtime"  # cuBLAS, cuFFT, NCCL and so on
    DEVEL = "devel"  # nvcc and headers


@dataclass(frozen=True, slots=True)
class Cuda:
    """A CUDA toolkit outside the wheels: version (12.1 or 12.1.1) and flavour."""

    version: Version
    flavor: CudaFlavor


@dataclass(frozen=True, slots=True)
class Preinstalled:
    """A Python package that the image holds; the version may be an NGC alpha (`2.3.0a0+…`)."""

    name: str  # canonical
    version: Version | Unknown


class TagState(Enum):
    """What the dated tables say of a tag."""

    EXISTS = "exists"
    GONE = "gone"  # existed, was removed from the registry
    NEVER = "never existed"  # only where the table is complete for that image and version
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BaseImage:
    """What an image from outside the Dockerfile holds.

    Every field that the tables do not tell is Unknown; None means "known to be absent".
    python is what `python`/`pip` (or `python3`/`pip3`) of a RUN resolves to; distro_python is
    what the distribution's package manager installs as `python3`, whether or not it is there yet.
    has_pip: a `pip` or `pip3` command is on PATH. compilers: the commands of gcc, g++, nvcc, make,
    git that are on PATH; preinstalled: known ML packages, in the environment of `python`.
    env: variables the image sets that matter here (PATH, LD_LIBRARY_PATH, PIP_*, NVIDIA_*, DEBIAN_FRONTEND),
    complete only where `env_complete`. built_before: date (ISO) of the build where known.
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
    eol: str | None  # ISO date of the distribution release's end of life, incl. extended support
    tag_state: TagState


def parse_reference(text: str) -> ImageReference | Unknown:
    """The parts of `text` as Docker's reference grammar reads it; Unknown when it does not fit."""
    raise NotImplementedError


def base_image(reference: ImageReference, tables: Tables) -> BaseImage:
    """What `reference` holds by the tables; fields that no row covers are Unknown."""
    raise NotImplementedError


def unknown_image(reason: str) -> BaseImage:
    """An image of which nothing is known, e.g. `FROM ${BASE}` without a default."""
    raise NotImplementedError
