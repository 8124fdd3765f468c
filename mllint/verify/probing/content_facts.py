"""What a probe found lying in an image, as values; every text is cut off and safe to print."""

from mllint.named_tuple import NamedTuple


class MissingLibrary(NamedTuple):
    """A shared library that files of a distribution want and the loader does not find."""

    library: str
    owner: str | None
    files: tuple[str, ...]
    file_count: int


class CudaLibrary(NamedTuple):
    """A file of a CUDA library; owner: the distribution that brings it, None for the system's."""

    name: str
    version: str
    path: str
    size_bytes: int
    owner: str | None


class Leftover(NamedTuple):
    """A cache or a folder of a version control that the build left."""

    what: str
    path: str
    size_bytes: int


class Tool(NamedTuple):
    """A compiler, or another tool to build with, that is on PATH."""

    name: str
    path: str


class Toolkit(NamedTuple):
    """A CUDA toolkit outside the wheels; cudnn_headers: the version that cuDNN's headers name."""

    home: str | None
    version: str | None
    nvcc: str | None
    headers: bool
    cudnn_headers: str | None


class InstalledPackage(NamedTuple):
    """A package of the distribution; version None: it was asked for, and is not installed."""

    name: str
    version: str | None
    size_bytes: int
    asked: bool
