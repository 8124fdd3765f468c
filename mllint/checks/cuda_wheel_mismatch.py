"""cuda-wheel-mismatch: wheels bring one CUDA, the base image another one that nothing uses."""

from collections.abc import Iterator

from mllint.facts.cuda.idle import IdleCuda, idle_cuda
from mllint.facts.images.base_image import CudaFlavor
from mllint.facts.images.flavor_twin import flavor_twin
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.remedies import how_to_leave_cuda_out
from mllint.tables import Tables

_IDLE = {
    CudaFlavor.RUNTIME: "about 2 GB of libraries",
    CudaFlavor.DEVEL: "several GB of libraries and compilers",
}


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """One problem on the image that ships when its CUDA is of another major and lies idle."""
    stage = project.target
    idle = idle_cuda(project, stage, tables) if stage is not None else None
    if stage is not None and idle is not None and not idle.same_major:
        yield _problem(idle, stage.label, tables)


def _problem(idle: IdleCuda, stage: str, tables: Tables) -> Problem:
    use, cuda, wheel = idle.use, idle.cuda, idle.wheels[0]
    twin = flavor_twin(use.image.reference, CudaFlavor.BASE, tables)
    return Problem(
        location=use.location,
        message=(
            f"{wheel.text} brings its own CUDA {wheel.cuda}, and nothing uses the "
            f"CUDA {cuda.version} of {use.name}: {_IDLE[cuda.flavor]} lie idle"
        ),
        help=how_to_leave_cuda_out(twin),
        related=(Related(wheel.location, f"{wheel.text} brings CUDA {wheel.cuda}"),),
        stage=stage,
    )
