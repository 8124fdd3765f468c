"""An install in, whether something fixes the version it takes out."""

from enum import Enum

from packaging.version import Version

from mllint.facts.environment import Environment, satisfied
from mllint.facts.installs import Install, Installer
from mllint.facts.unknown import Unknown
from mllint.facts.wheel_variant import index_variant
from mllint.tables import Tables

# Packages that decide which CUDA, cuDNN or compute capability an image supports.
ACCELERATORS = frozenset(
    {"torch", "torchvision", "torchaudio", "tensorflow", "tensorflow-gpu", "jax", "jaxlib"}
    | {"onnxruntime-gpu", "vllm", "sglang", "flash-attn", "xformers", "bitsandbytes", "deepspeed"}
    | {"tensorrt", "triton", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x", "tensorrt-llm"}
)
# Tools that build or install; a project does not run on them.
_TOOLS = frozenset(
    {"pip", "setuptools", "wheel", "uv", "poetry", "pipenv", "pdm", "hatch", "hatchling", "build"}
    | {"virtualenv", "pip-tools", "ninja", "packaging", "cmake", "pytest", "pre-commit", "conda"}
)


class Pinning(Enum):
    """How far the version of a requirement is fixed."""

    FIXED = "one version, a lock, a hash or a constraint"
    CAPPED = "below an upper bound"
    OPEN = "any later release"


def pinning(install: Install, environment: Environment) -> Pinning | Unknown:
    """How far the version is fixed; Unknown for what names no version of an index."""
    if install.opaque is not None or install.editable or install.url is not None:
        return Unknown(f"{install.text} is not taken from an index by its name")
    if install.name is None or install.requirement is None:
        return Unknown(f"{install.text} names no package")
    if install.installer in (Installer.POETRY, Installer.PDM, Installer.PIPENV, Installer.UV_SYNC):
        return Unknown(f"{install.installer.value} has a lock of its own")
    fixed = install.exact or install.hashed or install.locked or install.pinned is not None
    if fixed or install.options.require_hashes or isinstance(install.constrained, Unknown):
        return Pinning.FIXED
    held = environment.effective_before(install.name, install)
    if isinstance(held, Unknown):
        return held
    if held is not None and (satisfied(held, install) or held.install is None):
        return Pinning.FIXED
    operators = {specifier.operator for specifier in install.specifier}
    if operators & {"<", "<=", "~=", "==", "==="}:
        return Pinning.CAPPED
    return Pinning.OPEN


def is_tool(install: Install) -> bool:
    """True for installers and build tools, which no project pins with its requirements."""
    return (install.name or "") in _TOOLS


def passed_over_index(install: Install, tables: Tables) -> tuple[str, Version] | None:
    """(variant, its newest torch) of an extra index that pip leaves aside for the public one.

    `pip install torch --extra-index-url …/cu118`: pip takes the highest version of both indexes,
    and the cu118 builds ended before the newest release. None where that cannot be told.
    """
    indexes = install.indexes
    plain = indexes.primary is None and not indexes.no_index and not indexes.find_links
    if install.name != "torch" or install.installer is not Installer.PIP or not indexes.is_known:
        return None
    variants = {index_variant(url) for url in indexes.urls}
    variant = next(iter(variants), None)
    if (
        not plain
        or len(variants) != 1
        or variant is None
        or not install.specifier.contains(tables.torch.newest)
    ):
        return None
    built = [row.torch for row in tables.torch.releases if _is_built(row.torch, variant, tables)]
    later = [row.torch for row in tables.torch.releases if built and row.torch > built[-1]]
    ended = later and tables.torch.variant_exists(later[0], variant) is False
    return (variant, built[-1]) if ended else None


def _is_built(torch: Version, variant: str, tables: Tables) -> bool:
    return tables.torch.variant_exists(torch, variant) is True
