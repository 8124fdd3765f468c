"""rocm-mismatch: an image for AMD GPUs ends up with a torch built for CUDA."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.project import Project
from mllint.facts.wheels.public_torch import cuda_torches
from mllint.finding import Problem, Related
from mllint.tables import Tables

WORDS = ("rocm",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such torch of the stage that ships."""
    stage = project.target
    if stage is None or not stage.base.is_rocm:
        return
    root = project.root(stage).location
    for torch in cuda_torches(project, stage, tables):
        yield Problem(
            location=torch.install.location,
            message=f"{torch.text} is built for CUDA, and {stage.base.reference.text} is for ROCm",
            help=f"add `--index-url {tables.torch.index_url(_variant(torch.version, tables))}`",
            related=(Related(root, "the image for ROCm"),),
            stage=stage.label,
        )


def _variant(version: Version | None, tables: Tables) -> str:
    release = tables.torch.release(version) if version is not None else None
    builds = release.rocm if release is not None else ()
    return f"rocm{max(builds, key=Version)}" if builds else "rocmX.Y"
