"""An install in, whether something fixes the version it takes out."""

from enum import Enum

from packaging.specifiers import Specifier
from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held, satisfied
from mllint.facts.images.base_image import Python
from mllint.facts.installs.install import Install, Installer
from mllint.facts.unknown import PerhapsUnset, Unknown
from mllint.facts.wheels.torch_packages import COMPANIONS, FAMILY
from mllint.facts.wheels.variant_names import index_variant
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables

# Packages whose releases move an image to another CUDA, cuDNN or compute capability.
_ACCELERATORS = frozenset(
    {"torch", "pytorch", "torchvision", "torchaudio", "tensorflow", "tensorflow-gpu", "jax"}
    | {"jaxlib", "onnxruntime-gpu", "vllm", "sglang", "flash-attn", "xformers"}
    | {"tensorrt", "tensorrt-llm"}
)
_OF_ONE_TORCH = frozenset((*COMPANIONS, "xformers"))
# Tools that build or install; a project does not run on them.
_TOOLS = frozenset(
    {"pip", "setuptools", "wheel", "uv", "poetry", "pipenv", "pdm", "hatch", "hatchling", "build"}
    | {"virtualenv", "pip-tools", "ninja", "packaging", "cmake", "pytest", "pre-commit", "conda"}
)


class PassedOver(NamedTuple):
    """An index whose build pip does not take: its newest torch, and the one of the public index."""

    variant: str
    newest: Version
    public: Version


class Pinning(Enum):
    """How far the version of a requirement is fixed."""

    FIXED = "one version, a lock, a hash or a constraint"
    CAPPED = "below an upper bound"
    OPEN = "any later release"
    UNSEEN = "any release, unless something that was not read holds it already"


def pinning(install: Install, environment: Environment, tables: Tables) -> Pinning | Unknown:
    """How far the version is fixed; Unknown for what names no version of an index."""
    if install.opaque is not None or install.editable or install.url is not None:
        return Unknown(f"{install.text} is not taken from an index by its name")
    if install.name is None or install.requirement is None:
        return Unknown(f"{install.text} names no package")
    if environment.history.is_synced_after(install.group):
        return Unknown("a lock decides later what stays")
    unseen = isinstance(install.constrained, PerhapsUnset)
    constrained = isinstance(install.constrained, Unknown) and not unseen
    pinned = install.pinned is not None and not isinstance(install.pinned, PerhapsUnset)
    fixed = install.fixed or install.hashed or install.locked or pinned
    if fixed or install.options.require_hashes or constrained:
        return Pinning.FIXED
    held = environment.effective_before(install.name, install)
    if isinstance(held, Held) and held.install is not None and held.install.fixed is None:
        held = None if held.install.chosen is not None else held  # another one tomorrow
    if isinstance(held, Held) and (satisfied(held, install) or held.install is None):
        return Pinning.FIXED
    if isinstance(held, Held) and install.metadata and not install.options.upgrade:
        return Pinning.FIXED  # what came before decides; a project's range seldom refuses it
    if _is_tied(install, environment, tables):
        return Pinning.FIXED
    operators = {specifier.operator for specifier in install.specifier}
    if "==" in operators:
        return Pinning.FIXED  # `==2.6.*`, and `=2.6` of conda
    if install.name == "python" and any(_keeps_minor(each) for each in install.specifier):
        return Pinning.FIXED
    if unseen or isinstance(held, Unknown):
        return Pinning.UNSEEN
    return Pinning.CAPPED if operators & {"<", "<=", "~="} else Pinning.OPEN


def _keeps_minor(specifier: Specifier) -> bool:
    """`~=3.10.12` of conda's python stays with 3.10; `~=3.10` takes any later Python 3."""
    return specifier.operator == "~=" and specifier.version.count(".") > 1


def _is_tied(install: Install, environment: Environment, tables: Tables) -> bool:
    """Whether another requirement, fixed itself, leaves one release only, by its metadata.

    `torch==2.6.0 torchvision`: each torchvision requires one torch, and the other way round.
    """
    history = environment.history
    if install.name == "torch":
        fixed = (history.first_fixed(name) for name in tables.companions.packages)
        return any(
            other is not None
            and other.group <= install.group
            and _pins_torch(other.name or "", other.exact, tables)
            for other in fixed
        )
    if install.installer is Installer.CONDA and install.name in _OF_ONE_TORCH:
        # Each build of conda's torchvision requires the one pytorch that it was compiled with.
        pytorch = history.first_fixed("pytorch")
        return pytorch is not None and pytorch.group <= install.group
    newest = tables.companions.newest(install.name or "") if install.name in _OF_ONE_TORCH else None
    if newest is None or not _pins_torch(install.name or "", newest, tables, exactly=False):
        return False
    torch = history.first_fixed("torch")
    if torch is not None and torch.group <= install.group:
        return True
    # `torch==${TORCH_VERSION} torchvision`: one command, one torch, whichever it is.
    texts = (other.text for other in environment.installs if other.group == install.group)
    return any(text.startswith("torch==") for text in texts)


def _pins_torch(
    package: str, version: Version | None, tables: Tables, *, exactly: bool = True
) -> bool:
    """Whether the metadata of that release names torch, in one version if `exactly`."""
    release = tables.companions.release(package, version) if version is not None else None
    if release is None or release.torch is None:
        return False
    return not exactly or any(each.operator == "==" for each in release.torch)


def is_moving_accelerator(install: Install, environment: Environment, tables: Tables) -> bool:
    """Whether a rebuild may put another release, and another CUDA, in the place of this one."""
    if install.name not in _ACCELERATORS:
        return False
    found = pinning(install, environment, tables)
    if found is Pinning.CAPPED:
        return passed_over_index(install, environment, tables) is not None
    if found is not Pinning.OPEN:
        return False
    build = chosen_build(install)
    if build is not None and (install.installer.is_uv or _has_ended(build, tables)):
        return False  # uv takes torch from that index alone; nothing newer comes to an ended one
    # `torch torchvision torchaudio`: what is said of torch holds for those beside it.
    name = "pytorch" if install.installer is Installer.CONDA else "torch"
    torch = environment.history.first(name) if install.name in _OF_ONE_TORCH else None
    return torch is None or torch.group > install.group


def _has_ended(build: str, tables: Tables) -> bool:
    """Whether torch is no longer built so: a release behind the last such build lacks it."""
    exists = [tables.torch.variant_exists(row.torch, build) for row in tables.torch.releases]
    return True in exists and False in exists[-1 - exists[::-1].index(True) :]


def chosen_build(install: Install) -> str | None:
    """The one build (`cu124`, `cpu`) of torch that its indexes leave to the install, or None."""
    indexes = install.indexes
    if install.name not in FAMILY:
        return None
    if indexes.torch_backend is not None:
        backend = indexes.torch_backend
        return backend if isinstance(backend, str) and backend != "auto" else None
    if indexes.primary is None and not install.installer.is_uv:
        return None  # pip asks the public index as well
    served = {found for url in indexes.urls if (found := index_variant(url))}
    return served.pop() if len(served) == 1 else None


def moves_cuda(install: Install, environment: Environment) -> bool:
    """Whether another release may bring another CUDA; not one for the CPU or a TPU."""
    name, extras = install.name or "", install.extras
    if name in ("jax", "jaxlib"):
        return any(extra.startswith("cuda") for extra in extras)
    if name in FAMILY and any(environment.of("torch-xla")):
        return False
    return not (name in FAMILY or name == "pytorch") or not any(environment.of("cpuonly"))


def is_tool(install: Install) -> bool:
    """True for installers and build tools, which no project pins with its requirements."""
    return (install.name or "") in _TOOLS


def passed_over_index(
    install: Install, environment: Environment, tables: Tables
) -> PassedOver | None:
    """The extra index that pip leaves aside for the public one, None where it cannot be told.

    `pip install torch --extra-index-url …/cu118`: pip takes the highest version of both indexes,
    and the cu118 builds ended before the newest release that the environment's Python can use.
    """
    indexes, python = install.indexes, environment.python
    if install.name != "torch" or install.installer is not Installer.PIP or not indexes.is_known:
        return None
    variants = {index_variant(url) for url in indexes.urls}
    variant = next(iter(variants), None)
    beside = indexes.primary is None and not indexes.no_index and not indexes.find_links
    if not beside or len(variants) != 1 or variant is None or not isinstance(python, Python):
        return None
    fitting = [
        row.version
        for row in tables.wheels.releases("torch")
        if row.version in install.specifier and row.has_wheel(python.version)
    ]
    built = [torch for torch in fitting if tables.torch.variant_exists(torch, variant)]
    later = [torch for torch in fitting if built and torch > built[-1]]
    if not later or tables.torch.variant_exists(later[0], variant) is not False:
        return None
    return PassedOver(variant, built[-1], later[-1])
