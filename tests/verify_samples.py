"""Measurements to judge: one recorded from a real environment, and GPUs made up around it."""

from functools import cache
from pathlib import Path

from mllint.tables import Tables
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.probing.gpu_facts import Computation, Gpu, Nvidia
from mllint.verify.probing.image_facts import ImageFacts, Import
from mllint.verify.probing.probes import read_probe

TOKEN = "0123456789abcdef" * 2
ROOT = Path(__file__).parent.parent
TABLES = Tables(ROOT / "rules/tables")
IMAGE = ImageInfo(
    id="sha256:1",
    names=("app:latest",),
    platform="linux/amd64",
    size_bytes=5_300_000_000,
    environment={"PATH": "/opt/venv/bin:/usr/local/bin:/usr/bin:/bin"},
    entrypoint=None,
    command=("python3", "serve.py"),
    user="",
    workdir="/srv",
    stop_signal="",
    labels={},
    volumes=(),
    ports=(),
    has_healthcheck=False,
)


def recorded_bytes() -> bytes:
    return (ROOT / "fixtures/images/torch-2.1.2-cuda-wheels.txt").read_bytes()


@cache
def recorded() -> ImageFacts:
    return read_probe([recorded_bytes()], TOKEN)


def with_gpu(facts: ImageFacts, *computations: Computation, gpus: int = 1) -> ImageFacts:
    """The same with GPUs that nvidia-smi and torch see, made up."""
    torch = facts.framework("torch")
    others = tuple(each for each in facts.frameworks if each is not torch)
    return facts._replace(
        nvidia=Nvidia(
            asked=True,
            path="/usr/bin/nvidia-smi",
            devices=("/dev/nvidia0",),
            ok=True,
            status=0,
            driver="535.104.05",
            cuda="12.2",
        ),
        gpus=tuple(
            Gpu(n, f"GPU-{n}", "NVIDIA L4", "535.104.05", 23034, "8.9") for n in range(gpus)
        ),
        frameworks=(torch._replace(available=True, device_count=gpus), *others),
        computations=(*facts.computations, *computations),
    )


def computation(operation: str = "matmul", ok: bool | None = True, **fields) -> Computation:
    """Something that torch computed on the first GPU."""
    return Computation("torch", operation, ok, device=0, dtype="float32", **fields)


def broken_import(module: str, error: str, message: str, **fields) -> Import:
    return Import(module, module, None, ok=False, error=error, message=message, **fields)


def holding(packages: dict[str, str]) -> ImageFacts:
    """The measurements of an image with the official Python, made up, that holds these packages."""
    facts = recorded()
    sample = facts.distributions[0]
    return facts._replace(
        interpreter=facts.interpreter._replace(prefix="/usr/local"),
        distributions=tuple(
            sample._replace(name=name, version=version, requires=())
            for name, version in packages.items()
        ),
        frameworks=(),
    )
