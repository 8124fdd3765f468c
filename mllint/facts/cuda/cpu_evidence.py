"""What says that an image is meant for the CPU: the name of its file, stage or base, a default."""

from mllint.facts.project import Project
from mllint.facts.stage import Stage

_SEPARATORS = str.maketrans("/\\_-.:", "      ")
_GPU = frozenset({"gpu", "cuda", "nvidia"})


def says_cpu(project: Project, stage: Stage) -> bool:
    """Whether a name says so, `Dockerfile.cpu`, `ARG DEVICE=cpu`, and no service asks for a GPU."""
    if any(request.nvidia for service in project.services for request in service.gpus):
        return False
    names = [project.path]
    for ancestor in project.lineage(stage):
        names += [ancestor.name or "", ancestor.base.reference.text]
    if any(_names_cpu(name) for name in names):
        return True
    return any(
        variable.keyword == "ARG" and variable.value == "cpu"
        for ancestor in project.lineage(stage)
        for variable in ancestor.variables
    )


def _names_cpu(name: str) -> bool:
    words = set(name.lower().translate(_SEPARATORS).split())
    return "cpu" in words and not words & _GPU
