"""A tag that does not exist in, the existing one that comes nearest out, for help texts."""

import re

from packaging.version import Version

from mllint.facts.images.tag_states import CUDA_TAG, PYTORCH_TAG
from mllint.facts.images.tags import python_tag
from mllint.tables import Tables
from mllint.tables.cuda_images import CudaTagStatus
from mllint.tables.rows import Confidence

# How far a tag is from the one wanted; the parts count in this order.
_Distance = tuple[bool, float, bool, bool, bool, float, float]


def nearest_tag(name: str, tag: str, tables: Tables) -> str | None:
    """The existing tag of image `name` to write in place of `tag`; None when none is known."""
    if name == "nvidia/cuda":
        return _nearest_cuda_tag(tag, tables)
    if name == "pytorch/pytorch":
        return _nearest_pytorch_tag(tag, tables)
    return _nearest_python_tag(tag, tables) if name == "python" else None


def _nearest_pytorch_tag(tag: str, tables: Tables) -> str | None:
    """The same torch, or the last one of its minor release, with the next CUDA of its images."""
    wanted = PYTORCH_TAG.fullmatch(tag)
    if wanted is None:
        return None
    torch, cuda = Version(wanted["torch"]), Version(wanted["cuda"])
    found = [
        (row.torch == torch, row.torch, row.cuda >= cuda, abs(row.cuda.minor - cuda.minor), row.tag)
        for row in tables.framework_images.pytorch_tags
        if row.flavor == wanted["flavor"] and row.confidence is not Confidence.LOW
        if row.torch.release[:2] == torch.release[:2] and row.cuda.major == cuda.major
    ]
    best = max(found, key=lambda each: (*each[:3], -each[3]), default=None)
    return best[-1] if best is not None else None


def _nearest_cuda_tag(tag: str, tables: Tables) -> str | None:
    """The newest point release of the minor release wanted, else the next minor release."""
    wanted = CUDA_TAG.fullmatch(tag)
    if wanted is None:
        return None
    found: list[tuple[_Distance, str]] = []
    for row in tables.cuda_images.tags:
        match = CUDA_TAG.fullmatch(row.tag)
        exists = row.status is CudaTagStatus.EXISTS and row.confidence is not Confidence.LOW
        if exists and match is not None and match["os"] and match["flavor"]:
            found.append((_distance(wanted, match), row.tag))
    return min(found)[1] if found else None


def _distance(wanted: re.Match[str], found: re.Match[str]) -> _Distance:
    asked, given = Version(wanted["cuda"]), Version(found["cuda"])
    steps = 100 * (given.major - asked.major) + given.minor - asked.minor
    exact = len(asked.release) > 2 and asked == given
    # An early tag without a flavour (`9.0-cudnn7`) had the compiler in it.
    flavor = wanted["flavor"] or "devel"
    system = wanted["os"] or found["os"]
    return (
        steps < 0,
        abs(steps),
        found["flavor"] != flavor,
        bool(found["cudnn"]) != bool(wanted["cudnn"] and flavor != "base"),
        found["os"] != system,
        -1.0 if exact else -given.micro / 1000,
        -_system_number(found["os"]),
    )


def _system_number(system: str) -> float:
    """Ubuntu's releases in their order; every other system behind them."""
    return float(system.removeprefix("ubuntu")) if system.startswith("ubuntu") else 0.0


def _nearest_python_tag(tag: str, tables: Tables) -> str | None:
    """The same Python on the newest system it has, slim or alpine as wanted."""
    parts = python_tag(tag)
    images = tables.python_images
    version = parts.version
    row = images.version(version)
    if row is None:
        patches = images.patches(Version(version.rpartition(".")[0])) if "." in version else ()
        version = f"{max(patches)}" if patches else ""
        row = images.version(version)
    if row is None:
        return None
    if parts.rest in ("", "slim", "alpine", *row.suites):
        return f"{version}-{parts.rest}".removesuffix("-")
    kind = next((kind for kind in ("slim", "alpine") if parts.rest.startswith(kind)), "")
    suite = {"slim": row.slim, "alpine": row.alpine}.get(kind, row.full)
    if suite is None:
        return None
    return f"{version}-{'slim-' if kind == 'slim' else ''}{suite}"
