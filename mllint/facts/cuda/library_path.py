"""A stage in; the folders of its LD_LIBRARY_PATH that shadow other libraries, out.

The loader looks there before it looks where the driver and the system's libraries are, and before
where most wheels have their own. Judges nothing.
"""

from collections.abc import Iterator
from enum import Enum

from packaging.version import Version

from mllint.facts.commands.variables import Value, expand_docker, expand_word
from mllint.facts.images.base_image import Cuda, CudaFlavor, Python
from mllint.facts.project import Project
from mllint.facts.reading.build import env_pairs
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.wheel_variant import WheelVariant, torch_build
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.regex import lazy
from mllint.tables import Tables

_NAME = "LD_LIBRARY_PATH"
_INHERITED = lazy(r"\$\{?LD_LIBRARY_PATH\b")
_TOOLKIT = lazy(r"/usr/local/cuda(?:-\d+(?:\.\d+)?)?/(?:lib64|lib|targets/[\w-]+/lib)/?")
_PACKAGES = lazy(r"/(?:lib|lib64)/python(?P<version>\d\.\d+)/(?:site|dist)-packages(?:/|$)")
# NVIDIA's images name these two folders, where some clusters mount the driver.
_MOUNTED = "/usr/local/nvidia/lib"


class Shadow(Enum):
    """What a folder on the path does."""

    STUBS = "the stub of libcuda stands before the driver's"
    COMPAT = "the compat libcuda stands before the driver's"
    OLDER_CUDA = "an older CUDA stands before the one that torch brings"
    OTHER_PYTHON = "the folder belongs to a Python that is not there"
    LOST = "the folders of the base image are no longer on the path"


class PathFault(NamedTuple):
    """A setting of the path and the folder in it that is at fault.

    linked: a RUN gives the stub the name that programs load. torch, cuda: the two versions of
    OLDER_CUDA. python: the version that the stage has, for OTHER_PYTHON. perhaps_meant: the base is
    not known, and may be one for a Jetson, whose compat libcuda runs a newer CUDA there.
    """

    shadow: Shadow
    folder: str
    location: Location
    linked: bool = False
    torch: WheelVariant | None = None
    cuda: Version | None = None
    python: Version | None = None
    perhaps_meant: bool = False


class _Setting(NamedTuple):
    """One ENV of the path: its folders, and how many stand before the inherited value."""

    folders: tuple[str, ...]
    before: int
    inherits: bool
    location: Location


def path_faults(project: Project, stage: Stage, tables: Tables) -> Iterator[PathFault]:
    """What the path of the stage, as a container gets it, shadows; each folder once."""
    linked = _links_stub(project, stage)
    torch = _torch(stage, tables)
    for setting in _settings(project, stage):
        for position, folder in enumerate(setting.folders):
            plain = folder.rstrip("/")
            if plain.endswith("/stubs"):
                if not _may_hold_stubs(stage):
                    continue
                yield PathFault(Shadow.STUBS, folder, setting.location, linked)
            elif plain.endswith(("/compat", "/compat/lib.real")):
                if position < setting.before and not stage.base.is_jetson:
                    perhaps = isinstance(stage.base.cuda, Unknown)
                    yield PathFault(Shadow.COMPAT, folder, setting.location, perhaps_meant=perhaps)
            elif _TOOLKIT.fullmatch(folder) and (cuda := _older(stage, torch)) is not None:
                yield PathFault(Shadow.OLDER_CUDA, folder, setting.location, torch=torch, cuda=cuda)
            elif (python := _other_python(stage, folder)) is not None:
                yield PathFault(Shadow.OTHER_PYTHON, folder, setting.location, python=python)
        if _loses(stage, setting):
            lost = str(stage.base.env[_NAME])
            yield PathFault(Shadow.LOST, lost, setting.location)
    for place, folder in _configured_stubs(project, stage):
        yield PathFault(Shadow.STUBS, folder, place, linked)


def _may_hold_stubs(stage: Stage) -> bool:
    """Whether the stubs may be there: they come with the headers, not with the runtime images."""
    cuda = stage.base.cuda
    brought = any("cuda" in package.name for package in stage.packages)
    return brought or not isinstance(cuda, Cuda) or cuda.flavor is CudaFlavor.DEVEL


def _settings(project: Project, stage: Stage) -> Iterator[_Setting]:
    """The ENVs whose folders are on the path at the end, the last one first."""
    found = []
    for ancestor in reversed(list(project.lineage(stage))):
        for instruction in ancestor.instructions:
            if instruction.keyword == "ENV":
                for name, text, place in env_pairs(instruction, project.path):
                    if name == _NAME:
                        found.append(_setting(text, place, stage, project))
    for setting in reversed(found):
        yield setting
        if not setting.inherits:
            return


def _setting(text: str, location: Location, stage: Stage, project: Project) -> _Setting:
    folders: list[str] = []
    before: int | None = None
    for part in _parts(text.strip("\"'")):
        if _INHERITED.match(part):
            before = len(folders) if before is None else before
            continue
        folder = _expand(part, stage, project)
        if isinstance(folder, str):
            folders.extend(each for each in folder.split(":") if each)
    inherits = before is not None
    return _Setting(tuple(folders), len(folders) if before is None else before, inherits, location)


def _parts(text: str) -> Iterator[str]:
    """The parts between colons; those in `${LD_LIBRARY_PATH:+:${LD_LIBRARY_PATH}}` do not part."""
    depth, start = 0, 0
    for position, char in enumerate(text):
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        elif char == ":" and depth <= 0:
            yield text[start:position]
            start = position + 1
    yield text[start:]


def _expand(part: str, stage: Stage, project: Project) -> Value:
    def look(name: str) -> Value | None:
        value = stage.env.get(name)
        return stage.base.variable(name) if value is None else value

    return expand_docker(part, look, project.dockerfile.escape)


def _links_stub(project: Project, stage: Stage) -> bool:
    """Whether `ln -s …/stubs/libcuda.so …/libcuda.so.1` makes the stub what programs load."""
    links: set[Value] = set()
    for ancestor in reversed(list(project.lineage(stage))):
        for execution in ancestor.executions:
            if execution.program == "ln" and any("/stubs/" in word for word in execution.words):
                if execution.words[-1].endswith("libcuda.so.1"):
                    links.add(execution.resolve(execution.words[-1]))
            elif execution.program in ("rm", "unlink"):
                # `ln -s … && bazel build … && rm …/stubs/libcuda.so.1`: only the build sees it.
                links.difference_update(execution.resolve(word) for word in execution.words)
    return bool(links)


def _configured_stubs(project: Project, stage: Stage) -> Iterator[tuple[Location, str]]:
    """`echo /usr/local/cuda/lib64/stubs > /etc/ld.so.conf.d/cuda.conf`."""
    for ancestor in project.lineage(stage):
        for execution in ancestor.executions:
            for redirect in execution.command.redirects:
                target = expand_word(redirect.target, execution.lookup)
                if isinstance(target, str) and target.startswith("/etc/ld.so.conf"):
                    for word in execution.words:
                        if word.rstrip("/").endswith("/stubs"):
                            yield execution.location, word


def _torch(stage: Stage, tables: Tables) -> WheelVariant | None:
    """The torch that pip installs with a CUDA of its own; None where there is none, or several."""
    found = [
        build
        for environment in stage.environments
        if isinstance(
            build := torch_build(environment, stage.base, stage.location, tables), WheelVariant
        )
        and build.location != stage.location
        and build.cuda is not None
    ]
    return found[0] if len(found) == 1 else None


def _older(stage: Stage, torch: WheelVariant | None) -> Version | None:
    """The CUDA of the base image, where it is an older release of the major that torch brings."""
    cuda = stage.base.cuda
    if torch is None or torch.cuda is None or not isinstance(cuda, Cuda) or stage.base.is_jetson:
        return None
    older = cuda.version.major == torch.cuda.major and cuda.version.minor < torch.cuda.minor
    return cuda.version if older and cuda.flavor is not CudaFlavor.BASE else None


def _other_python(stage: Stage, folder: str) -> Version | None:
    """The Python of the stage, where the folder is that of another one and none is unknown."""
    match = _PACKAGES.search(folder)
    pythons = [environment.python for environment in stage.environments if environment.installs]
    known = [python.version for python in pythons if isinstance(python, Python)]
    if match is None or not known or len(known) < len(pythons) or stage.copied_from:
        return None
    minors = {f"{version.major}.{version.minor}" for version in known}
    return None if match["version"] in minors else known[0]


def _loses(stage: Stage, setting: _Setting) -> bool:
    value = stage.base.variable(_NAME)
    if isinstance(value, Unknown) or value is None or setting.inherits:
        return False
    kept = any(folder.startswith(_MOUNTED) for folder in setting.folders)
    return _MOUNTED in value and not kept
