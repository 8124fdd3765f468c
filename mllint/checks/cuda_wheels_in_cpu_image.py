"""cuda-wheels-in-cpu-image: torch with all of CUDA, in an image where nothing speaks of a GPU."""

from collections.abc import Iterator

from mllint.facts.commands.entry import speaks_of_gpu
from mllint.facts.cuda.gpu_evidence import gpu_evidence
from mllint.facts.project import Project
from mllint.facts.wheels.public_torch import cuda_torches
from mllint.finding import Problem
from mllint.remedies import how_to_take_from
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such torch of the stage that ships."""
    stage = project.target
    if stage is None or stage.base.cuda is not None or stage.base.is_rocm:
        return
    if gpu_evidence(project, stage) or speaks_of_gpu(stage):
        return
    cpu = tables.torch.index_url("cpu")
    for torch in cuda_torches(project, stage, tables):
        if torch.public:
            yield Problem(
                location=torch.install.location,
                message=(
                    f"{torch.text} brings CUDA, several GB of it, and nothing in this image "
                    "speaks of a GPU"
                ),
                help=f"for a CPU, {how_to_take_from(torch.install, cpu)}",
                stage=stage.label,
            )
