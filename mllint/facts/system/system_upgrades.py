"""A stage in, its upgrades of all packages on an image whose CUDA is made of packages, out."""

from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.images.base_image import Cuda, CudaFlavor
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import manager_verb

_UPGRADES = frozenset({"upgrade", "dist-upgrade", "full-upgrade"})
# In a word of a command: it holds packages, or takes NVIDIA's servers out of the list.
_KEEPS = ("/etc/apt/sources.list.d", "/etc/apt/preferences")
_IMAGES = ("nvidia/cuda", "nvcr.io/nvidia/", "tensorflow/tensorflow", "rapidsai/")


def cuda_upgrades(project: Project, stage: Stage) -> Iterator[Execution]:
    """Each command of this stage that upgrades whatever has a newer release, CUDA included."""
    name = stage.base.reference.name
    cuda = stage.base.cuda
    # Of the `base` flavour the packages carry the CUDA release in their names: nothing is newer.
    if not isinstance(cuda, Cuda) or cuda.flavor is CudaFlavor.BASE:
        return
    if not name.startswith(_IMAGES):
        return
    if any(_keeps(execution) for above in project.lineage(stage) for execution in above.executions):
        return
    for execution in stage.executions:
        if execution.program in ("apt-get", "apt") and manager_verb(execution) in _UPGRADES:
            simulated = any(word in ("-s", "--dry-run", "--simulate") for word in execution.words)
            if not (execution.conditional or simulated):
                yield execution


def holds_its_libraries(stage: Stage) -> bool:
    """Whether the image itself holds cuBLAS, NCCL and cuDNN, as NVIDIA's CUDA images do."""
    return stage.base.reference.name == "nvidia/cuda"


def _keeps(execution: Execution) -> bool:
    if execution.program == "apt-mark" and execution.words[:1] == ("hold",):
        return True
    return any(mark in word for mark in _KEEPS for word in execution.words)
