"""The history of an image and what was measured in it in, what takes its space out."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Instruction
from mllint.parse.source import Location
from mllint.regex import lazy
from mllint.report.visible import visible
from mllint.verify.engines.image_info import ImageInfo, Layer
from mllint.verify.probing.content_facts import CudaLibrary, Leftover, Tool
from mllint.verify.probing.image_facts import ImageFacts

_NOP = lazy(r"(?:/bin/sh|cmd /S /C|[^ ]+) (?:-c )?#\(nop\)\s+")
_BUILT = lazy(r"\s+# buildkit$")
_SHELL = lazy(
    r"""
    (?: RUN[ ] )?
    (?: \|\d+[ ].*?[ ] )?                      # |1 TOKEN=... : the build arguments
    (?: /(?:usr/)?bin/ )? (?: ba|da|a|z )?sh[ ]
    (?: -\S+[ ] (?: [a-z]+[ ] )? )*? -\w*c\s+  # -o pipefail -c
    """,
    re.VERBOSE,
)
_OWN_LABEL = "LABEL io.mllint."
_COMPILERS = frozenset({"cc", "gcc", "c++", "g++", "clang", "gfortran", "nvcc", "rustc", "go"})


class LayerSize(NamedTuple):
    """A step of the history; location: the instruction, None for one of the base image.

    text: the command without the engine's wrapping.
    """

    text: str
    size_bytes: int
    location: Location | None


class PackageSize(NamedTuple):
    """An installed distribution and the bytes of its files."""

    name: str
    version: str
    size_bytes: int


class TwinLibraries(NamedTuple):
    """Several copies of one CUDA library; extra_bytes: all of them but the largest."""

    name: str
    copies: tuple[CudaLibrary, ...]
    extra_bytes: int


class ImageSizes(NamedTuple):
    """What takes the space of an image. layers: the oldest first; the others: largest first.

    packages_bytes: of all distributions. system_packages: the largest ones. compilers: those on
    PATH of the image that ships.
    """

    total_bytes: int
    layers: tuple[LayerSize, ...]
    packages: tuple[PackageSize, ...]
    packages_bytes: int
    system_packages: tuple[PackageSize, ...]
    twins: tuple[TwinLibraries, ...]
    leftovers: tuple[Leftover, ...]
    compilers: tuple[Tool, ...]


def image_sizes(
    image: ImageInfo,
    layers: Sequence[Layer],
    facts: ImageFacts | None,
    project: Project | None = None,
) -> ImageSizes:
    """The sizes of an image; project: the Dockerfile that it was just built from."""
    measured = facts if facts is not None else ImageFacts(complete=False)
    packages = [
        PackageSize(each.name, each.version, each.size_bytes)
        for each in measured.distributions
        if each.size_bytes
    ]
    packages.sort(key=lambda each: (-each.size_bytes, each.name))
    return ImageSizes(
        total_bytes=image.size_bytes,
        layers=tuple(_layers(layers, project)),
        packages=tuple(packages),
        packages_bytes=sum(each.size_bytes for each in packages),
        system_packages=tuple(
            PackageSize(each.name, each.version or "", each.size_bytes)
            for each in sorted(measured.system_packages, key=lambda each: -each.size_bytes)
            if not each.asked and each.size_bytes
        ),
        twins=tuple(twin_libraries(measured.cuda_libraries)),
        leftovers=tuple(sorted(measured.leftovers, key=lambda each: -each.size_bytes)),
        compilers=tuple(tool for tool in measured.tools if tool.name in _COMPILERS),
    )


def twin_libraries(libraries: Iterable[CudaLibrary]) -> Iterator[TwinLibraries]:
    """The CUDA libraries that lie in the image more than once, the most wasteful first."""
    groups: dict[str, list[CudaLibrary]] = defaultdict(list)
    for library in libraries:
        groups[library.name].append(library)
    found = []
    for name, copies in groups.items():
        if len(copies) > 1:
            copies.sort(key=lambda each: (-each.size_bytes, each.path))
            extra = sum(each.size_bytes for each in copies[1:])
            found.append(TwinLibraries(name, tuple(copies), extra))
    yield from sorted(found, key=lambda each: (-each.extra_bytes, each.name))


def _layers(layers: Sequence[Layer], project: Project | None) -> Iterator[LayerSize]:
    stage = project.target if project is not None else None
    # The classic builder makes a step of the labels that it is given: `LABEL io.mllint.build=…`.
    own = sum(_OWN_LABEL in layer.created_by for layer in layers[-1:])
    written = layers[: len(layers) - own]
    places = _places(written, project, stage) if project is not None and stage is not None else []
    unknown = len(written) - len(places)
    for layer, place in zip(layers, [None] * unknown + places + [None] * own, strict=True):
        yield LayerSize(step_text(layer.created_by), layer.size_bytes, place)


def _places(layers: Sequence[Layer], project: Project, stage: Stage) -> list[Location | None]:
    """The instructions of the newest layers, as far back as the keywords are the same."""
    chain = list(project.lineage(stage))
    instructions = [each for above in chain for each in reversed(above.instructions)]
    found: list[Location | None] = []
    for layer, instruction in zip(reversed(layers), instructions, strict=False):
        if step_keyword(layer.created_by) != _keyword(instruction):
            break
        found.append(project.at(instruction))
    return found[::-1]


def _keyword(instruction: Instruction) -> str:
    return instruction.keyword


def step_keyword(created_by: str) -> str:
    """The keyword of the instruction that a step of the history comes from."""
    text = _NOP.sub("", created_by, count=1)
    if text == created_by and (_SHELL.match(text) or text.startswith(("|", "RUN "))):
        return "RUN"
    return text.lstrip().partition(" ")[0].upper()


def step_text(created_by: str) -> str:
    """`pip install torch` of `/bin/sh -c pip install torch # buildkit`; blanks made one."""
    text = _BUILT.sub("", _NOP.sub("", created_by, count=1))
    shell = _SHELL.match(text)
    if shell is not None:
        text = f"RUN {text[shell.end() :]}"
    return visible(" ".join(text.split())) or "a step without a name"
