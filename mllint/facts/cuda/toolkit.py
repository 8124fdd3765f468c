"""A stage in, the CUDA compiler and the C++ compiler that its commands find, out.

Absence is told only where everything that could bring a compiler was read; judges nothing.
"""

import re
from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.commands.executions import Execution
from mllint.facts.images.base_image import Cuda, CudaFlavor
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import SystemPackage, manager_verb
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.regex import lazy

_VERSIONED = lazy(
    r"""
    cuda - (?: (?: toolkit | nvcc | compiler | minimal-build | command-line-tools ) - )?
    (?P<major> \d+ ) - (?P<minor> \d+ ) $
    """,
    re.VERBOSE,
)
_RUN_FILE = lazy(r"cuda_(?P<version>\d+\.\d+)(?:\.\d+)*_.*\.run$")
_LABEL = lazy(r"nvidia/label/cuda-(?P<version>\d+\.\d+)")
_CONDA_NVCC = frozenset(
    {"cuda", "cuda-nvcc", "cuda-toolkit", "cuda-compiler", "cudatoolkit-dev", "nvcc-linux-64"}
)
_CONDA_CXX = frozenset(
    {"gxx", "gxx-linux-64", "cxx-compiler", "compilers", "clangxx", "clangxx-linux-64"}
)
_CXX = frozenset({"build-essential", "build-base", "gcc-c++", "clang", "nvidia-cuda-toolkit"})
# Programs that set up a system by files which are not read here.
_PROVISIONERS = frozenset({"pixi", "spack", "nix", "nix-env", "ansible-playbook", "brew", "module"})
# What apt may install with recommended packages and still bring no compiler: `python3-pip`, for
# one, recommends build-essential.
_WITHOUT_COMPILER = frozenset(
    {"git", "git-lfs", "curl", "wget", "ca-certificates", "vim", "nano", "unzip", "zip", "tmux"}
    | {"htop", "ffmpeg", "libgl1", "libgl1-mesa-glx", "libglib2.0-0", "libglib2.0-0t64", "libsm6"}
    | {"libxext6", "libxrender1", "libgomp1", "python3", "gnupg", "locales", "tzdata", "sudo"}
    | {"less", "rsync", "openssh-client", "openssh-server", "jq", "procps", "screen", "bzip2"}
    | {"xz-utils", "libsndfile1", "aria2", "iputils-ping", "net-tools", "lsb-release", "sox"}
)


class Nvcc(NamedTuple):
    """The CUDA compiler of a stage: its version, what brings it, and where that stands."""

    version: Version | Unknown
    source: str
    location: Location


def nvcc_of(project: Project, stage: Stage) -> Nvcc | Unknown | None:
    """The nvcc that the stage's commands call; None when there certainly is none."""
    found = list(_found(project, stage))
    versions = {str(nvcc.version) for nvcc in found}
    if len(versions) > 1:
        return Unknown("more than one CUDA toolkit is installed")
    if found:
        home = stage.env.get("CUDA_HOME")
        fits = home is None or (isinstance(home, str) and _names(home, found[0].version))
        elsewhere = Unknown("CUDA_HOME names another toolkit")
        return found[0] if fits else found[0]._replace(version=elsewhere)
    commands = stage.base.commands
    if isinstance(commands, Unknown):
        return commands
    if stage.base.reference.name.startswith("rocm/"):
        return Unknown("a ROCm image compiles with hipcc")
    return unseen_source(project, stage, "cuda", "nvcc")


def has_cxx(project: Project, stage: Stage) -> bool | Unknown:
    """Whether the stage's commands find a C++ compiler."""
    commands = stage.base.commands
    if not isinstance(commands, Unknown) and {"g++", "c++"} & commands:
        return True
    for package in stage.packages:
        name = package.name
        if not package.removed and (name in _CXX or name.startswith(("g++", "clang-", "gcc-tool"))):
            return True
    if any(install.name in _CONDA_CXX for install in _conda(stage)):
        return True
    if any(install.name in _CONDA_NVCC for install in _conda(stage)):
        return Unknown("conda-forge's nvcc requires a C++ compiler, NVIDIA's does not")
    if isinstance(commands, Unknown):
        return commands
    for package in stage.packages:
        if not package.removed and may_bring_compiler(package):
            return Unknown(f"{package.name} may bring a compiler")
    return unseen_source(project, stage, "gcc", "g++") or False


def _found(project: Project, stage: Stage) -> Iterator[Nvcc]:
    """Every nvcc that the base image, apt, conda or an installer brings."""
    base = stage.base
    root = project.root(stage)
    commands = base.commands if not isinstance(base.commands, Unknown) else frozenset()
    cuda = base.cuda
    if "nvcc" in commands or (isinstance(cuda, Cuda) and cuda.flavor is CudaFlavor.DEVEL):
        version = _minor(cuda.version) if isinstance(cuda, Cuda) else Unknown("base image's nvcc")
        yield Nvcc(version, base.reference.text, root.location)
    for package in stage.packages:
        match = _VERSIONED.match(package.name)
        if package.removed or not ("nvcc" in package.commands or match):
            continue
        version = (
            Version(f"{match['major']}.{match['minor']}")
            if match
            else Unknown(f"the version of {package.name}")
        )
        yield Nvcc(version, package.name, package.location)
    for install in _conda(stage):
        if install.name in _CONDA_NVCC:
            yield Nvcc(_conda_version(install), install.text, install.location)
    for ancestor in project.lineage(stage):
        for execution in ancestor.executions:
            for word in (execution.program, *execution.words):
                if match := _RUN_FILE.search(word):
                    yield Nvcc(Version(match["version"]), word, execution.location)


def _conda(stage: Stage) -> Iterator[Install]:
    for environment in stage.environments:
        for install in environment.installs:
            if install.installer is Installer.CONDA and not install.uninstall:
                yield install


def _conda_version(install: Install) -> Version | Unknown:
    """`cuda-toolkit=12.4`, or the label of its channel: `-c nvidia/label/cuda-12.1.0`."""
    for channel in install.channels:
        if match := _LABEL.search(channel):
            return Version(match["version"])
    for specifier in install.specifier:
        if specifier.operator == "==":
            return _minor(Version(specifier.version.removesuffix(".*")))
    return Unknown(f"the version of {install.text}")


def _minor(version: Version) -> Version:
    return Version(f"{version.major}.{version.minor}")


def _names(home: str, version: Version | Unknown) -> bool:
    """Whether CUDA_HOME may be the folder of that toolkit: `/usr/local/cuda`, `…/cuda-12.1`."""
    tail = home.rstrip("/").removeprefix("/usr/local/cuda").removeprefix("-")
    return tail == "" or str(version).startswith(tail) or home.startswith("/opt/conda")


def unseen_source(project: Project, stage: Stage, *names: str) -> Unknown | None:
    """What was not read of the stage and may bring one of `names`; None when all was read."""
    for ancestor in project.lineage(stage):
        for run in ancestor.runs:
            if run.skipped is not None:
                return Unknown(run.skipped)
        for execution in ancestor.executions:
            if _may_install(execution, names):
                return Unknown(f"what {execution.program} installs is not read")
        for copy in ancestor.copies:
            places = (*copy.sources, copy.destination)
            if copy.stage is None and copy.image is None:
                places = (copy.destination,)
            if copy.destination in ("/", "/usr", "/usr/", "/usr/local", "/usr/local/", "/opt"):
                known = copy.stage is None and copy.image is None
                if not known:
                    return Unknown("a whole folder is copied from another image")
            if any(isinstance(p, Unknown) or any(n in p for n in names) for p in places):
                return Unknown("it may be copied from elsewhere")
    for environment in stage.environments:
        for install in environment.installs:
            conda = install.installer is Installer.CONDA
            if (conda and install.opaque) or (install.name or "").startswith("nvidia-cuda-nvcc"):
                return Unknown(f"{install.text} may bring it")
    return None


def _may_install(execution: Execution, names: tuple[str, ...]) -> bool:
    """Whether what a command installs cannot be told, and one of `names` may be among it."""
    program = execution.program
    verb = manager_verb(execution)
    if verb is not None:
        if verb.startswith("group") or verb in ("module", "localinstall"):
            return True
        return any(
            isinstance(argument.value, Unknown)
            and not argument.text.startswith("-")
            and (not argument.prefix or any(name in argument.prefix for name in names))
            for argument in execution.arguments
        )
    if program in _PROVISIONERS or program == "":
        return True
    script = program if execution.shell_file is None else execution.shell_file
    named = any(part in script.lower() for part in ("conda", "forge", "rustup", "uv-installer"))
    return script.endswith((".sh", ".run")) and not named


def may_bring_compiler(package: SystemPackage) -> bool:
    """Whether a package depends on, or recommends, a compiler as far as its name tells."""
    name = package.name
    if package.manager != "apt":
        return False
    if name.endswith(("-dev", "-devel")) or any(
        part in name for part in ("toolkit", "nvcc", "gcc", "ros-", "compiler", "llvm")
    ):
        return True
    bare = "--no-install-recommends" in package.execution.words
    plain = name in _WITHOUT_COMPILER or re.fullmatch(r"python3\.\d+(-venv)?", name) is not None
    return not bare and not plain
