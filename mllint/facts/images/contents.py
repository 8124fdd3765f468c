"""The things an image can hold, as values: distribution, C library, Python, CUDA, packages."""

from enum import Enum

from packaging.version import Version

from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple

_DISTRO_NAMES = {
    "almalinux": "AlmaLinux",
    "amzn": "Amazon Linux",
    "centos": "CentOS",
    "ol": "Oracle Linux",
    "rhel": "RHEL",
}


class Distro(NamedTuple):
    """A Linux distribution; name is the ID of os-release (`ubuntu`, `debian`, `alpine`, `rhel`)."""

    name: str
    release: str
    codename: str = ""

    def __str__(self) -> str:
        """`Ubuntu 22.04`, `Debian 12 (bookworm)`."""
        code = f" ({self.codename})" if self.codename and self.name == "debian" else ""
        return f"{_DISTRO_NAMES.get(self.name, self.name.capitalize())} {self.release}{code}"


class Libc(NamedTuple):
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


class Python(NamedTuple):
    """An interpreter: version (X.Y, or more when known), prefix (`/usr`), PEP 668 marker."""

    version: Version
    prefix: str
    origin: Origin
    externally_managed: bool | Unknown

    @property
    def minor(self) -> str:
        """`3.11`, which names its programs and folders."""
        return f"{self.version.major}.{self.version.minor}"


class CudaFlavor(Enum):
    """How much of the toolkit a CUDA image holds."""

    BASE = "base"  # cudart only
    RUNTIME = "runtime"  # cuBLAS, cuFFT, NCCL and so on
    DEVEL = "devel"  # nvcc and headers


class Cuda(NamedTuple):
    """A CUDA toolkit outside the wheels: version (12.1 or 12.1.1) and flavour."""

    version: Version
    flavor: CudaFlavor


class Preinstalled(NamedTuple):
    """A Python package that the image holds; the version may be an NGC alpha (`2.3.0a0+…`)."""

    name: str  # canonical
    version: Version | Unknown
