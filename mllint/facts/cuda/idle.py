"""A stage in; the CUDA of its base image that nothing in it uses, out."""

from mllint.facts.cuda.uses import (
    compiled_by,
    copied_in,
    cuda_wheels,
    library_user,
    run_time_compiler,
)
from mllint.facts.images.base_image import Cuda, CudaFlavor, TagState
from mllint.facts.images.base_uses import BaseUse, base_use
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.wheels.wheel_fit import on_x86
from mllint.facts.wheels.wheel_variant import WheelVariant
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables


class IdleCuda(NamedTuple):
    """The CUDA of a base image, and the wheels that bring their own, the first of each."""

    cuda: Cuda
    use: BaseUse
    wheels: tuple[WheelVariant, ...]

    @property
    def same_major(self) -> bool:
        """Whether one of the wheels brings the major version that the image has."""
        return any(w.cuda and w.cuda.major == self.cuda.version.major for w in self.wheels)


def idle_cuda(project: Project, stage: Stage, tables: Tables) -> IdleCuda | None:
    """The CUDA libraries of the base image where certainly nothing uses them, else None."""
    cuda = stage.base.cuda
    if not isinstance(cuda, Cuda) or stage.base.preinstalled != ():
        return None
    if stage.base.tag_state in (TagState.GONE, TagState.NEVER):
        return None  # what such an image holds is nobody's concern
    if not on_x86(project, stage):
        return None  # what the wheels for arm64 hold, the tables do not tell
    if cuda.flavor is CudaFlavor.BASE or library_user(stage, tables) is not None:
        return None
    if compiled_by(project, stage, tables) is not None or copied_in(project, stage):
        return None
    # Without nvcc in the image there is none to be called.
    if cuda.flavor is CudaFlavor.DEVEL and run_time_compiler(project, stage, tables) is not None:
        return None
    wheels = tuple(wheel for wheel in cuda_wheels(stage, stage.location, tables) if wheel.cuda)
    use = base_use(project, stage)
    return IdleCuda(cuda, use, wheels) if use is not None and wheels else None
