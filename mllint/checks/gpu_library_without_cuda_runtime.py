"""gpu-library-without-cuda-runtime: a wheel loads CUDA libraries that the image does not hold."""

from collections.abc import Iterator

from mllint.facts.cuda.libraries import CudaLibraries, LibraryNeed, cuda_libraries, library_needs
from mllint.facts.images.base_image import Cuda, CudaFlavor
from mllint.facts.images.base_uses import base_use
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables
from mllint.tables.rows import Confidence

WORDS = ("onnxruntime", "ctranslate2", "cupy", "whisper", "tensorflow")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each package of the stage that ships whose libraries are not there."""
    stage = project.target
    if stage is None:
        return
    for need in library_needs(project, stage, tables):
        held = cuda_libraries(project, stage, need.environment, tables)
        if isinstance(held, CudaLibraries) and not _served(need, held):
            if need.needs.extras == ("and-cuda",) and not held.cuda:
                continue  # silent-cpu-build names the extra
            yield _problem(project, stage, need, held, tables)


def _served(need: LibraryNeed, held: CudaLibraries) -> bool:
    cudnn = need.needs.cudnn_major
    return need.needs.cuda_major in held.cuda and (cudnn is None or cudnn in held.cudnn)


def _problem(
    project: Project, stage: Stage, need: LibraryNeed, held: CudaLibraries, tables: Tables
) -> Problem:
    package = f"{need.package} {need.version}" if need.version else need.package
    newest = "" if need.version else ", in its newest release that is known,"
    wanted = f"{package}{newest} loads {_text(need.needs.cuda_major, need.needs.cudnn_major)}"
    torch = held.torch
    beside = torch is not None and torch.cuda and torch.cuda.major == need.needs.cuda_major
    if beside and torch is not None:
        there = f"only {torch.text} brings them: they are found once torch is imported"
    elif held.cuda or held.cudnn:
        there = f"this stage holds {_held(held)}"
    elif isinstance(stage.base.cuda, Cuda) and stage.base.cuda.flavor is CudaFlavor.BASE:
        there = f"{stage.base.reference.text} holds libcudart only"
    else:
        there = "nothing in this stage brings them"
    use = base_use(project, stage)
    at_image = use is not None and isinstance(stage.base.cuda, Cuda) and not beside
    return Problem(
        location=use.location if use is not None and at_image else need.install.location,
        message=f"{wanted}; {there}",
        help=_help(need, tables),
        related=(Related(need.install.location, f"{package} is installed here"),)
        if at_image
        else (),
        severity=_severity(need, bool(beside)),
        stage=stage.label,
    )


def _severity(need: LibraryNeed, beside: bool) -> Severity | None:
    if beside:
        return Severity.INFO
    sure = need.version is not None and need.needs.confidence is Confidence.HIGH
    return None if sure else Severity.WARNING


def _text(cuda: int, cudnn: int | None) -> str:
    return f"CUDA {cuda}" + (f" and cuDNN {cudnn}" if cudnn is not None else "")


def _held(held: CudaLibraries) -> str:
    cuda = ", ".join(f"CUDA {major}" for major in sorted(held.cuda)) or "no cuBLAS"
    cudnn = ", ".join(f"cuDNN {major}" for major in sorted(held.cudnn)) or "no cuDNN"
    return f"{cuda} and {cudnn}"


def _help(need: LibraryNeed, tables: Tables) -> str:
    image = tables.cuda_images.runtime_image(need.needs.cuda_major, need.needs.cudnn_major)
    start = f"start from `nvidia/cuda:{image}`" if image else "start from a `-runtime` image of it"
    if need.needs.extras and need.needs.extras != ("and-cuda",):
        version = f"=={need.version}" if need.version else ""
        extras = ",".join(need.needs.extras)
        return f"install `{need.package}[{extras}]{version}`, or {start}"
    return start
