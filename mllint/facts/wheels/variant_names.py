"""Addresses of indexes and local versions in, the variant that they name (cu118, cpu), out."""

import re

from packaging.version import Version

from mllint.facts.installs.install import Indexes
from mllint.facts.unknown import Unknown
from mllint.regex import lazy

_VARIANT_INDEX = lazy(
    r"""
    ^https?://download(?:-r2)?\.pytorch\.org/whl/
    (?: (?: nightly | test ) / )?
    (?P<variant> cpu | cu\d+ | rocm[\d.]+ | xpu )
    (?: /.* )?$
    """,
    re.VERBOSE,
)
_LOCAL_VARIANT = lazy(r"(?:pt[\d.]+)?(?P<variant>cpu|cu\d+|rocm[\d.]+|xpu)")
_PYTORCH_PAGE = lazy(r"^https?://download(?:-r2)?\.pytorch\.org/whl(?:/|$)")


def variant_cuda(variant: str) -> Version | None:
    """`cu118` -> 11.8, `cu92` -> 9.2; None for a build without CUDA."""
    if not variant.startswith("cu"):
        return None
    digits = variant[2:]
    return Version(f"{digits[:-1]}.{digits[-1]}") if len(digits) >= 2 else None


def index_variant(url: str) -> str | None:
    """The variant that an index of PyTorch serves (`cu118`), None for any other address."""
    match = _VARIANT_INDEX.match(url)
    return match["variant"] if match else None


def is_pytorch_page(url: str) -> bool:
    """True for PyTorch's own wheel pages: an index, or the old find-links page of all variants."""
    return _PYTORCH_PAGE.match(url) is not None


def local_variant(version: Version) -> str | None:
    """The variant that a local part names: `2.1.0+cu118` -> `cu118`, `0.6+pt20cu118` -> `cu118`."""
    match = _LOCAL_VARIANT.match(version.local or "")
    return match["variant"] if match else None


def serves_local(indexes: Indexes, variant: str | None) -> bool | Unknown:
    """Whether the indexes can hold a version with a local part, such as that of build `variant`.

    The public index takes no upload with a local part (PEP 440); of pages that are not PyTorch's
    nothing is known.
    """
    if not indexes.is_known:
        return Unknown("not every index is known")
    if indexes.torch_backend is not None:
        backend = indexes.torch_backend
        return Unknown("uv chooses the backend") if backend == "auto" else backend == variant
    if not all(is_pytorch_page(url) for url in indexes.urls):
        return Unknown("an index that is not PyTorch's may hold it")
    if indexes.urls and variant is None:
        return Unknown("what PyTorch's index holds beside torch")
    return any(index_variant(url) in (variant, None) for url in indexes.urls)


def variant_indexes(version: Version | None) -> tuple[str, ...]:
    """The index of PyTorch for the build that a local part names, () for none."""
    variant = local_variant(version) if version is not None else None
    return (f"https://download.pytorch.org/whl/{variant}",) if variant is not None else ()
