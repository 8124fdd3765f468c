"""What says that an image is meant for an NVIDIA GPU: its Dockerfile, the services that run it."""

from collections.abc import Iterator

from mllint.facts.images.base_image import Cuda
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.variant_names import index_variant, local_variant
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

# Packages that are of use only with a CUDA GPU.
_GPU_ONLY = frozenset(
    {"flash-attn", "vllm", "bitsandbytes", "xformers", "deepspeed", "onnxruntime-gpu", "apex"}
    | {"tensorrt", "tensorrt-llm", "pycuda", "nvidia-dali-cuda120", "flashinfer-python", "sglang"}
    | {"causal-conv1d", "mamba-ssm", "auto-gptq", "autoawq", "exllamav2", "unsloth", "numba-cuda"}
    # conda's names, and those of the GPU build where the CPU build has another name.
    | {"pytorch-cuda", "pytorch-gpu", "tensorflow-gpu", "cudatoolkit", "cuda-toolkit", "cudnn"}
)
_VARIABLES = frozenset(
    {"NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_REQUIRE_CUDA"}
    | {"CUDA_VISIBLE_DEVICES", "CUDA_HOME", "TORCH_CUDA_ARCH_LIST", "FORCE_CUDA"}
)
_OFF = frozenset({"", "0", "-1", "none", "void", "off", "false"})


class GpuEvidence(NamedTuple):
    """One sign of a GPU image: where it stands and what it is, in words for a message.

    package: the package whose install is the sign, None for any other sign. variable: the ENV that
    is, which images that run on both carry too.
    """

    location: Location
    what: str
    package: str | None = None
    variable: str | None = None


def gpu_evidence(project: Project, stage: Stage) -> tuple[GpuEvidence, ...]:
    """The signs that `stage` (with the stages it is FROM) makes a GPU image, strongest first."""
    return tuple(_signs(project, stage))


def _signs(project: Project, stage: Stage) -> Iterator[GpuEvidence]:
    root = project.root(stage)
    cuda = stage.base.cuda
    if isinstance(cuda, Cuda):
        yield GpuEvidence(root.location, f"the base image brings CUDA {cuda.version}")
    if stage is project.target:
        for service in project.services:
            for request in service.gpus:
                if request.nvidia:
                    what = f"the service {service.name} asks for a GPU"
                    yield GpuEvidence(request.location, what)
    for ancestor in project.lineage(stage):
        for variable in ancestor.variables:
            value = variable.value
            if (
                variable.keyword == "ENV"
                and variable.name in _VARIABLES
                and isinstance(value, str)
                and value.lower() not in _OFF
            ):
                what = f"{variable.name} is set"
                yield GpuEvidence(variable.location, what, variable=variable.name)
    for environment in stage.environments:
        for install in environment.installs:
            if install.uninstall or install.conditional or not install.direct:
                continue  # what a lock takes along: vllm's flashinfer is there for the CPU, too
            name = install.name or ""
            if name in _GPU_ONLY or name.startswith("cupy-cuda"):
                yield GpuEvidence(install.location, f"{name} is installed", name)
            elif any((index_variant(url) or "").startswith("cu") for url in install.indexes.urls):
                yield GpuEvidence(install.location, f"{install.text} comes from a CUDA index")
            elif install.exact is not None and (local_variant(install.exact) or "").startswith(
                "cu"
            ):
                yield GpuEvidence(install.location, f"{install.text} is a build for CUDA")


def says_no_gpu(stage: Stage) -> bool:
    """True when the stage hides every GPU: `ENV CUDA_VISIBLE_DEVICES=""`, `=-1`."""
    value = stage.env.get("CUDA_VISIBLE_DEVICES")
    return not isinstance(value, Unknown) and value is not None and value in ("", "-1")


def all_devices_by_cuda(project: Project) -> Iterator[Location]:
    """Where the stage that ships says `ENV CUDA_VISIBLE_DEVICES=all`: NVIDIA's word, not CUDA's.

    CUDA knows numbers and UUIDs, and sees no device from the first other word on
    (https://docs.nvidia.com/cuda/cuda-c-programming-guide/#cuda-environment-variables).
    """
    if project.target is None or project.target.env.get("CUDA_VISIBLE_DEVICES") != "all":
        return
    for stage in project.lineage(project.target):
        for variable in stage.variables:
            named = variable.keyword == "ENV" and variable.name == "CUDA_VISIBLE_DEVICES"
            if named and variable.value == "all":
                yield variable.location
