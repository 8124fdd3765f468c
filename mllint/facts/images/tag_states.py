"""An image's name and tag in, whether that tag exists by the dated tables, out."""

import re
from enum import Enum

from packaging.version import Version

from mllint.facts.images.tags import python_tag
from mllint.regex import lazy
from mllint.tables import Tables
from mllint.tables.cuda_images import CudaImageVersion, CudaTagStatus
from mllint.tables.rows import Confidence


class TagState(Enum):
    """What the dated tables say of a tag."""

    EXISTS = "exists"
    GONE = "gone"  # existed, was removed from the registry
    NEVER = "never existed"  # only where the table is complete for that image and version
    UNKNOWN = "unknown"


CUDA_TAG = lazy(
    r"""
    (?P<cuda> \d+\.\d+ (?: \.\d+ )? )
    (?: - (?P<cudnn> cudnn [\d.]* ) )?
    (?: - (?P<flavor> base | runtime | devel ) )?
    (?: - (?P<os> [a-z]+ [\d.]* ) )?
    """,
    re.VERBOSE,
)
PYTORCH_TAG = lazy(
    r"""
    (?P<torch> \d+\.\d+\.\d+ ) -cuda (?P<cuda> \d+\.\d+ ) -cudnn (?P<cudnn> \d+ )
    - (?P<flavor> runtime | devel )
    """,
    re.VERBOSE,
)
# From this release on the images are made of the wheels: one for each CUDA that they come in.
_FROM_WHEELS = Version("2.1")
# Later Ubuntu releases may get images after the table's date; of Debian there never was one.
_OLD_UBUNTUS = frozenset(
    {"ubuntu16.04", "ubuntu18.04", "ubuntu20.04", "ubuntu22.04", "ubuntu24.04"}
)


def tag_state(name: str, tag: str, tables: Tables) -> TagState:
    """Whether the image `name` has `tag`; UNKNOWN beyond the date of the tables."""
    if name == "nvidia/cuda":
        return _cuda_tag_state(tag, tables)
    if name == "python":
        return _python_tag_state(tag, tables)
    if name == "pytorch/pytorch":
        return _pytorch_tag_state(tag, tables)
    return TagState.UNKNOWN


def _pytorch_tag_state(tag: str, tables: Tables) -> TagState:
    row = tables.framework_images.pytorch(tag)
    if row is not None:
        return TagState.EXISTS if row.confidence is Confidence.HIGH else TagState.UNKNOWN
    match = PYTORCH_TAG.fullmatch(tag)
    torch = Version(match["torch"]) if match is not None else None
    if match is None or torch is None or not _FROM_WHEELS <= torch < tables.torch.newest:
        return TagState.UNKNOWN
    release = tables.torch.release(torch)
    if release is None:  # torch 2.4.2 was never released
        minors = {each.torch.release[:2] for each in tables.torch.releases}
        later = [minor for minor in minors if minor > torch.release[:2]]
        return TagState.NEVER if len(later) > 1 else TagState.UNKNOWN  # patches may come yet
    cuda = Version(match["cuda"])
    builds = [each for each in tables.torch.variants(torch) if _same_minor(each.cuda, cuda)]
    if not builds:
        return TagState.NEVER if release.variants_complete else TagState.UNKNOWN
    other = any(each.cudnn and f"{each.cudnn.major}" != match["cudnn"] for each in builds)
    return TagState.NEVER if other else TagState.UNKNOWN


def _same_minor(one: Version | None, other: Version) -> bool:
    return one is not None and one.release[:2] == other.release[:2]


def _cuda_tag_state(tag: str, tables: Tables) -> TagState:
    row = tables.cuda_images.tag(tag)
    if row is not None:
        if row.confidence is Confidence.LOW:
            return TagState.UNKNOWN
        states = {CudaTagStatus.EXISTS: TagState.EXISTS, CudaTagStatus.GONE: TagState.GONE}
        return states.get(row.status, TagState.UNKNOWN)
    if tag == "latest":
        return TagState.GONE
    match = CUDA_TAG.fullmatch(tag)
    return TagState.UNKNOWN if match is None else _unlisted_cuda_tag_state(match, tables)


def _unlisted_cuda_tag_state(match: re.Match[str], tables: Tables) -> TagState:
    """The state of a well-formed tag without a row."""
    cuda = Version(match["cuda"])
    if cuda > tables.cuda_images.newest:
        return TagState.UNKNOWN
    siblings = [
        row for row in tables.cuda_images.versions if row.cuda.release[:2] == cuda.release[:2]
    ]
    if not siblings:  # `12.7.0-…`: NVIDIA skipped that number; before 11.0 every tag is listed
        return TagState.NEVER
    if len(cuda.release) < 3:
        return TagState.NEVER
    row = tables.cuda_images.version(cuda)
    if row is None or row.confidence is Confidence.LOW:
        return TagState.UNKNOWN
    return TagState.NEVER if _contradicts(match, row) else TagState.UNKNOWN


def _contradicts(tag: re.Match[str], row: CudaImageVersion) -> bool:
    """Whether no image of that CUDA release can have the tag."""
    system, cudnn = tag["os"], tag["cudnn"]
    if system is None or tag["flavor"] is None or system.startswith("debian"):
        return True
    if system in _OLD_UBUNTUS and system not in row.os_suffixes:
        return True
    # `12.4.1-cudnn8-…`: the part is `cudnn` there; a base image never holds cuDNN.
    return cudnn is not None and (cudnn != row.cudnn_part or tag["flavor"] == "base")


def _python_tag_state(tag: str, tables: Tables) -> TagState:
    parts = python_tag(tag)
    if parts.prerelease:
        return TagState.UNKNOWN
    images, rest = tables.python_images, parts.rest
    row = images.version(parts.version)
    if row is None:
        return _unlisted_python_state(parts.version, tables)
    if rest == "" or rest in row.suites:
        return TagState.EXISTS
    if (rest == "slim" and row.slim) or (rest == "alpine" and row.alpine):
        return TagState.EXISTS
    # A suite that was given up, or a Python that is no longer built, gets no new tag.
    ended = not row.maintained or rest not in images.maintained_suites
    return TagState.NEVER if rest in images.suites and ended else TagState.UNKNOWN


def _unlisted_python_state(part: str, tables: Tables) -> TagState:
    """The state of a tag whose version part (`3.11.99`) no tag ever had."""
    if part.count(".") != 2:
        return TagState.UNKNOWN
    version = Version(part)
    minor = tables.python_images.version(part.rpartition(".")[0])
    if minor is None:
        return TagState.UNKNOWN
    newest = max(tables.python_images.patches(minor.python), default=version)
    return TagState.UNKNOWN if minor.maintained and version > newest else TagState.NEVER
