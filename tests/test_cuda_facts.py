"""What the facts say of compilers, CUDA toolkits and source builds in small stages."""

import pytest
from projects import project_of, tables

from mllint.facts.cuda.compiling import needs_nvcc, source_builds
from mllint.facts.cuda.library_path import Shadow, path_faults
from mllint.facts.cuda.toolkit import Nvcc, has_cxx, nvcc_of
from mllint.facts.images.base_image import CudaFlavor
from mllint.facts.images.flavor_twin import flavor_twin
from mllint.facts.images.reference import parse_reference
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.wheel_variant import WheelVariant, torch_build

DEVEL = "FROM nvidia/cuda:12.1.1-devel-ubuntu22.04\n"
RUNTIME = "FROM nvidia/cuda:12.1.1-runtime-ubuntu22.04\n"


def told(nvcc) -> str | None:
    if nvcc is None:
        return None
    unknown = isinstance(nvcc, Unknown) or isinstance(nvcc.version, Unknown)
    return "?" if unknown else str(nvcc.version)


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        (DEVEL, "12.1"),
        (RUNTIME, None),
        ("FROM python:3.11-slim\n", None),
        ("FROM example.com/team/gpu:1\n", "?"),
        (RUNTIME + "RUN apt-get update && apt-get install -y cuda-nvcc-12-4\n", "12.4"),
        (RUNTIME + "RUN apt-get install -y cuda-minimal-build-12-1\n", "12.1"),
        (RUNTIME + "ARG V\nRUN apt-get install -y cuda-nvcc-${V}\n", "?"),
        (RUNTIME + "ARG V\nRUN apt-get install -y python3.${V}\n", None),
        (RUNTIME + "RUN apt-get install -y nvidia-cuda-toolkit\n", "?"),
        (DEVEL + "RUN apt-get install -y cuda-toolkit-11-8\n", "?"),
        (DEVEL + "ENV CUDA_HOME=/usr/local/cuda-12.1\n", "12.1"),
        (DEVEL + "ENV CUDA_HOME=/usr/local/cuda-11.8\n", "?"),
        ("FROM ubuntu:22.04\nRUN sh cuda_11.8.0_520.61.05_linux.run --silent --toolkit\n", "11.8"),
        ("FROM ubuntu:22.04\nRUN ./scripts/setup.sh\n", "?"),
        ("FROM ubuntu:22.04\nCOPY --from=nvidia/cuda /usr/local/cuda /usr/local/cuda\n", "?"),
        ("FROM condaforge/miniforge3\nRUN conda install -y cuda-nvcc=12.4\n", "12.4"),
        ("FROM condaforge/miniforge3\nRUN conda env update -f env.yml\n", "?"),
    ],
)
def test_nvcc_of_a_stage(tmp_path, dockerfile, expected):
    project = project_of(tmp_path, dockerfile)
    found = nvcc_of(project, project.target)
    # An unknown base has no nvcc that is certainly missing.
    assert found is None or isinstance(found, Nvcc | Unknown)
    assert told(found) == expected or (expected == "?" and isinstance(found, Unknown))


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        (DEVEL, True),
        (RUNTIME, False),
        ("FROM python:3.11\n", True),
        ("FROM python:3.11-slim\nRUN apt-get install -y git curl\n", False),
        ("FROM python:3.11-slim\nRUN apt-get install -y build-essential\n", True),
        ("FROM python:3.11-slim\nRUN apt-get install -y g++-12\n", True),
        ("FROM python:3.11-slim\nRUN apt-get install -y python3-pip\n", None),
        ("FROM python:3.11-slim\nRUN apt-get install -y --no-install-recommends cmake\n", False),
        ("FROM python:3.11-slim\nRUN apt-get install -y --no-install-recommends x-dev\n", None),
        ("FROM condaforge/miniforge3\nRUN conda install -y gxx_linux-64\n", True),
    ],
)
def test_cxx_of_a_stage(tmp_path, dockerfile, expected):
    project = project_of(tmp_path, dockerfile)
    found = has_cxx(project, project.target)
    assert (None if isinstance(found, Unknown) else found) is expected


GIT = "git+https://github.com"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (f"pip install {GIT}/facebookresearch/detectron2", ("detectron2", True, None)),
        (f"FORCE_CUDA=1 pip install {GIT}/facebookresearch/detectron2", ("detectron2", True, True)),
        (f"pip install {GIT}/graphdeco-inria/diff-gaussian-rasterization.git", (..., True, True)),
        ("pip install flash-attn --no-build-isolation", ("flash-attn", False, None)),
        ("FLASH_ATTENTION_FORCE_BUILD=TRUE pip install flash-attn", ("flash-attn", True, True)),
        ("pip install torch-scatter", ("torch-scatter", True, None)),
        ("pip install torch-scatter -f https://data.pyg.org/whl/torch-2.1.0+cu121.html", None),
        ("pip install torch-scatter --extra-index-url https://example.com/simple", None),
        ("pip install xformers", None),
        ("CMAKE_ARGS='-DGGML_CUDA=ON' pip install llama-cpp-python", (..., True, True)),
        ("pip install llama-cpp-python", ("llama-cpp-python", True, None)),
        ("git clone https://github.com/NVIDIA/apex && cd apex && pip install .", ("apex", 1, None)),
        (
            "git clone https://github.com/NVIDIA/apex a && pip install --cuda_ext ./a",
            ("apex", True, True),
        ),
        (
            "git clone https://github.com/NVIDIA/apex && python apex/setup.py install --cuda_ext",
            ("apex", True, True),
        ),
        ("git clone https://github.com/NVIDIA/apex && pip install apex-utils", None),
        ("git clone https://github.com/someone/else && pip install ./else", None),
    ],
)
def test_source_builds(tmp_path, run, expected):
    project = project_of(tmp_path, f"FROM python:3.11\nRUN {run}\n")
    found = list(source_builds(project.target, tables()))
    if expected is None:
        assert not found
        return
    (build,) = found
    name, certain, nvcc = expected
    assert name is ... or build.name == name
    assert build.certain == certain
    needed = needs_nvcc(build)
    assert (None if isinstance(needed, Unknown) else needed) is nvcc


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("FROM pytorch/pytorch:2.1.2-cuda11.8-cudnn8-devel\n", "11.8"),
        ("FROM python:3.11\nRUN pip install torch==2.1.0\n", "12.1"),
        ("FROM python:3.11\nRUN pip install 'torch==2.1.*'\n", "12.1"),
        ("FROM python:3.11\nRUN pip install 'torch~=2.0.0'\n", "11.7"),
        ("FROM python:3.11\nRUN pip install 'torch>=2.0'\n", "?"),
        ("FROM python:3.11\nRUN pip install torch\n", "?"),
        (
            "FROM condaforge/miniforge3\nRUN conda install -y pytorch=2.1.0 pytorch-cuda=11.8\n",
            "11.8",
        ),
        ("FROM condaforge/miniforge3\nRUN conda install -y pytorch-cuda=11.8\n", None),
    ],
)
def test_cuda_of_torch(tmp_path, dockerfile, expected):
    project = project_of(tmp_path, dockerfile)
    stage = project.target
    found = [torch_build(env, stage.base, stage.location, tables()) for env in stage.environments]
    (build,) = [item for item in found if item is not None] or [None]
    told = str(build.cuda) if isinstance(build, WheelVariant) else build and "?"
    assert told == expected


@pytest.mark.parametrize(
    ("image", "flavor", "expected"),
    [
        (
            "nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04",
            CudaFlavor.DEVEL,
            "nvidia/cuda:12.1.1-cudnn8-devel-ubuntu22.04",
        ),
        (
            "nvcr.io/nvidia/cuda:11.8.0-cudnn8-devel-ubuntu22.04",
            CudaFlavor.BASE,
            "nvcr.io/nvidia/cuda:11.8.0-base-ubuntu22.04",
        ),
        (
            "pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime",
            CudaFlavor.DEVEL,
            "pytorch/pytorch:2.1.2-cuda12.1-cudnn8-devel",
        ),
        ("pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime", CudaFlavor.BASE, None),
        ("nvidia/cuda:99.9.9-runtime-ubuntu22.04", CudaFlavor.DEVEL, None),
        ("python:3.11-slim", CudaFlavor.DEVEL, None),
    ],
)
def test_flavor_twin(image, flavor, expected):
    assert flavor_twin(parse_reference(image), flavor, tables()) == expected


STUB = "/usr/local/cuda/lib64/stubs/libcuda.so"


@pytest.mark.parametrize(
    ("run", "linked"),
    [
        ("true", False),
        (f"ln -s {STUB} {STUB}.1", True),
        (f"ln -s {STUB} {STUB}.1 && make && rm {STUB}.1", False),
        (f"ln -s {STUB} /usr/lib/libcuda.so.1 && make && rm {STUB}.1", True),
    ],
)
def test_a_stub_of_libcuda_is_linked_until_it_is_removed(tmp_path, run, linked):
    path = "ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs:${LD_LIBRARY_PATH}\n"
    project = project_of(tmp_path, f"{DEVEL}{path}RUN {run}\n")
    (fault,) = path_faults(project, project.target, tables())
    assert (fault.shadow, fault.linked) == (Shadow.STUBS, linked)
