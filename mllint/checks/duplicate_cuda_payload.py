"""duplicate-cuda-payload: the wheels bring the CUDA that the base image has, and use their own."""

from collections.abc import Iterator

from mllint.facts.cuda.idle import idle_cuda
from mllint.facts.images.base_image import CudaFlavor
from mllint.facts.images.flavor_twin import flavor_twin
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.remedies import how_to_leave_cuda_out
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """One problem on a runtime image that ships when its CUDA lies idle beside that of the wheels.

    Of a devel image final-stage-devel speaks, of another major cuda-wheel-mismatch.
    """
    stage = project.target
    idle = idle_cuda(project, stage, tables) if stage is not None else None
    if stage is None or idle is None or not idle.same_major:
        return
    if idle.cuda.flavor is not CudaFlavor.RUNTIME:
        return
    use, wheel = idle.use, idle.wheels[0]
    twin = flavor_twin(use.image.reference, CudaFlavor.BASE, tables)
    yield Problem(
        location=use.location,
        message=(
            f"{wheel.text} brings its own CUDA {wheel.cuda}, and nothing else uses that of "
            f"{use.name}: about 2 GB of libraries lie in the image twice"
        ),
        help=how_to_leave_cuda_out(twin),
        related=(Related(wheel.location, f"{wheel.text} brings CUDA {wheel.cuda}"),),
        stage=stage.label,
    )
