"""A CUDA base image and a flavour in, the sibling image of that flavour that exists, out."""

import re

from mllint.facts.images.contents import CudaFlavor
from mllint.facts.images.reference import ImageReference
from mllint.regex import lazy
from mllint.tables import Tables
from mllint.tables.cuda_images import CudaTagStatus

_FLAVOR = lazy(
    r"""
    (?P<cudnn> -cudnn\d* (?: \.\d+ )* )?     # nvidia/cuda: 12.1.1-cudnn8-devel-ubuntu22.04
    - (?: base | runtime | devel )
    (?= - | $ )
    """,
    re.VERBOSE,
)


def flavor_twin(reference: ImageReference, flavor: CudaFlavor, tables: Tables) -> str | None:
    """`nvidia/cuda:12.1.1-runtime-ubuntu22.04` -> its `-devel-` twin; None when none is known."""
    tag = reference.tag
    if tag is None or _FLAVOR.search(tag) is None:
        return None

    def renamed(match: re.Match[str]) -> str:
        # There is no base image with cuDNN.
        cudnn = "" if flavor is CudaFlavor.BASE and nvidia else match["cudnn"] or ""
        return f"{cudnn}-{flavor.value}"

    nvidia = reference.repository == "nvidia/cuda"
    twin = _FLAVOR.sub(renamed, tag, count=1)
    if nvidia:
        row = tables.cuda_images.tag(twin)
        exists = row is not None and row.status is CudaTagStatus.EXISTS
    else:
        exists = (
            reference.repository == "pytorch/pytorch"
            and flavor is not CudaFlavor.BASE
            and tables.framework_images.pytorch(twin) is not None
        )
    name = reference.text.partition("@")[0].removesuffix(f":{tag}")
    return f"{name}:{twin}" if exists else None
