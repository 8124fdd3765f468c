"""cuda-wheel-mismatch: wheels bring one CUDA, the base image another one that nothing uses."""

from collections.abc import Iterator

from mllint.facts.cuda.uses import (
    compiled_by,
    copied_in,
    cuda_wheels,
    library_user,
    run_time_compiler,
)
from mllint.facts.images.base_image import Cuda, CudaFlavor
from mllint.facts.images.base_uses import BaseUse, base_use
from mllint.facts.images.flavor_twin import flavor_twin
from mllint.facts.project import Project
from mllint.facts.wheels.wheel_variant import WheelVariant
from mllint.finding import Problem, Related
from mllint.tables import Tables

_IDLE = {
    CudaFlavor.RUNTIME: "about 2 GB of libraries",
    CudaFlavor.DEVEL: "several GB of libraries and compilers",
}


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """One problem on the image that ships when its CUDA is of another major and lies idle."""
    stage = project.target
    if stage is None or not isinstance(stage.base.cuda, Cuda) or stage.base.preinstalled != ():
        return
    cuda = stage.base.cuda
    if cuda.flavor not in _IDLE or library_user(stage, tables) is not None:
        return
    if compiled_by(project, stage, tables) is not None or copied_in(project, stage):
        return
    # Without nvcc in the image there is none to be called.
    if cuda.flavor is CudaFlavor.DEVEL and run_time_compiler(project, stage) is not None:
        return
    wheels = tuple(cuda_wheels(stage, stage.location, tables))
    majors = {wheel.cuda.major for wheel in wheels if wheel.cuda is not None}
    use = base_use(project, stage)
    if use is not None and majors and cuda.version.major not in majors:
        yield _problem(use, cuda, wheels[0], stage.label, tables)


def _problem(use: BaseUse, cuda: Cuda, wheel: WheelVariant, stage: str, tables: Tables) -> Problem:
    twin = flavor_twin(use.image.reference, CudaFlavor.BASE, tables)
    start = f"use `FROM {twin}`" if twin else "start from the `-base-` image"
    return Problem(
        location=use.location,
        message=(
            f"{wheel.text} brings its own CUDA {wheel.cuda}, and nothing uses the "
            f"CUDA {cuda.version} of {use.name}: {_IDLE[cuda.flavor]} lie idle"
        ),
        help=f"{start}, or an image without CUDA: the wheels bring what they load",
        related=(Related(wheel.location, f"{wheel.text} brings CUDA {wheel.cuda}"),),
        stage=stage,
    )
