"""What a probe measured inside an image, as values; every text is cut off and safe to print.

A field that is None was not measured, or is not there, as its class says. Knows no plan.
"""

from collections.abc import Mapping

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mllint.named_tuple import NamedTuple
from mllint.verify.probing.content_facts import (
    CudaLibrary,
    InstalledPackage,
    Leftover,
    MissingLibrary,
    Tool,
    Toolkit,
)
from mllint.verify.probing.gpu_facts import (
    Child,
    Computation,
    CudaDriver,
    Device,
    Framework,
    Gpu,
    Nvidia,
)


class Program(NamedTuple):
    """A program on PATH (path None: there is none); interpreter: what a script's `#!` names."""

    name: str
    path: str | None
    real: str | None = None
    interpreter: str | None = None


class Interpreter(NamedTuple):
    """The Python that ran the probe. marker: what PEP 508 markers are evaluated with.

    path: `sys.path`. variables: those that matter to Python and CUDA, in no order.
    """

    executable: str
    version: str
    implementation: str
    prefix: str
    base_prefix: str
    machine: str
    path: tuple[str, ...]
    externally_managed: bool
    marker: Mapping[str, str]
    programs: tuple[Program, ...]
    variables: tuple[tuple[str, str], ...]

    def program(self, name: str) -> Program | None:
        """What `name` means on PATH; None when it is not there."""
        return next((p for p in self.programs if p.name == name and p.path), None)


class System(NamedTuple):
    """The container. distro, release: as os-release has them; shm_bytes: None without /dev/shm."""

    distro: str
    release: str
    name: str
    libc: str
    libc_version: str
    kernel: str
    cwd: str | None
    shm_bytes: int | None
    memory_bytes: int | None
    root_read_only: bool | None


class Folder(NamedTuple):
    """A folder that programs write into, by the variable that names it."""

    name: str
    path: str
    there: bool
    writable: bool


class User(NamedTuple):
    """Who ran the probe; name: None where /etc/passwd does not know the number."""

    uid: int
    gid: int
    name: str | None
    home: str
    folders: tuple[Folder, ...]


class Distribution(NamedTuple):
    """An installed distribution. size_bytes: None where its files are not listed.

    modules: what can be imported of it; requires: without what only an extra asks for. source:
    `editable`, `vcs`, `archive`, `folder`, None for one from an index. shadowed: another one of
    that name comes first on the path.
    """

    name: str
    version: str
    site: str
    installer: str
    size_bytes: int | None
    files: int
    modules: tuple[str, ...]
    requires: tuple[str, ...]
    requires_python: str | None
    source: str | None
    shadowed: bool

    @property
    def key(self) -> str:
        """The canonical name."""
        return canonicalize_name(self.name)

    @property
    def parsed(self) -> Version | None:
        """The version; None for one that is none by PEP 440."""
        return parse_version(self.version)


class CondaPackage(NamedTuple):
    """A package that conda put into the prefix."""

    name: str
    version: str
    build: str


class Import(NamedTuple):
    """How one import went. reason: why it was not tried.

    distribution: for whose sake, None when it was asked for by name. missing: the shared object
    that it did not find; signal, timed_out: what ended it; said: the last line of its stderr.
    libraries: the CUDA libraries that were loaded after it.
    """

    distribution: str | None
    module: str | None
    reason: str | None
    ok: bool = False
    seconds: float | None = None
    status: int | None = None
    signal: int | None = None
    timed_out: bool = False
    error: str | None = None
    message: str | None = None
    place: str | None = None
    missing: str | None = None
    said: str | None = None
    version: str | None = None
    file: str | None = None
    libraries: tuple[str, ...] = ()
    memory_bytes: int | None = None


class Fault(NamedTuple):
    """A probe that did not come to its end, or a record that could not be read; what it lacks."""

    probe: str
    reason: str


class ImageFacts(NamedTuple):
    """All that one probe told. complete: it came to its end, and nothing of it is missing.

    said: the end of what the container printed besides, where something was.
    """

    complete: bool
    interpreter: Interpreter | None = None
    system: System | None = None
    user: User | None = None
    distributions: tuple[Distribution, ...] = ()
    conda: tuple[CondaPackage, ...] = ()
    imports: tuple[Import, ...] = ()
    nvidia: Nvidia | None = None
    driver: CudaDriver | None = None
    gpus: tuple[Gpu, ...] = ()
    frameworks: tuple[Framework, ...] = ()
    devices: tuple[Device, ...] = ()
    computations: tuple[Computation, ...] = ()
    children: tuple[Child, ...] = ()
    system_packages: tuple[InstalledPackage, ...] = ()
    missing_libraries: tuple[MissingLibrary, ...] = ()
    cuda_libraries: tuple[CudaLibrary, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    tools: tuple[Tool, ...] = ()
    toolkit: Toolkit | None = None
    faults: tuple[Fault, ...] = ()
    said: str = ""

    def distribution(self, name: str) -> Distribution | None:
        """The distribution of that canonical name that Python finds; None: there is none."""
        return next((d for d in self.distributions if d.key == name and not d.shadowed), None)

    def framework(self, name: str) -> Framework | None:
        """What that framework said of itself; None where it was not asked."""
        return next((each for each in self.frameworks if each.framework == name), None)

    def failed(self, probe: str) -> str | None:
        """Why a probe has not told all, None when it has."""
        return next((fault.reason for fault in self.faults if fault.probe == probe), None)


def parse_version(text: str | None) -> Version | None:
    """The version; None for none, and for what is none by PEP 440."""
    try:
        return Version(text) if text else None
    except InvalidVersion:
        return None
