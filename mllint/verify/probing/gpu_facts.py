"""What a probe saw of GPUs and frameworks, as values; every text is cut off and safe to print."""

from mllint.named_tuple import NamedTuple


class Nvidia(NamedTuple):
    """What nvidia-smi said. asked: whether the container was given a GPU; path None: not there.

    cuda: the newest CUDA that the driver can serve, which is not that of the image.
    """

    asked: bool
    path: str | None
    devices: tuple[str, ...]
    ok: bool
    status: int | None = None
    signal: int | None = None
    timed_out: bool = False
    said: str | None = None
    driver: str | None = None
    cuda: str | None = None


class CudaDriver(NamedTuple):
    """What libcuda.so.1 says in the container. there: whether there is one; message: its error.

    devices: how many it lets programs see. version: the newest CUDA that it can serve.
    """

    there: bool
    ok: bool
    devices: int | None = None
    version: str | None = None
    message: str | None = None


class Gpu(NamedTuple):
    """A GPU, as nvidia-smi lists it."""

    number: int
    uuid: str
    name: str
    driver: str
    memory_mib: int | None
    capability: str | None


class Framework(NamedTuple):
    """What torch, tensorflow, jax or onnxruntime says of itself; ok False: it cannot be asked.

    cuda, hip, cudnn: what it is built for or has loaded. providers, provider_error: of ONNX
    Runtime, and why its CUDA part cannot be loaded. faults: facts that it would not tell.
    """

    framework: str
    ok: bool
    version: str | None = None
    cuda: str | None = None
    hip: str | None = None
    cudnn: str | None = None
    nccl: str | None = None
    archs: tuple[str, ...] = ()
    available: bool | None = None
    device_count: int | None = None
    providers: tuple[str, ...] = ()
    provider_error: str | None = None
    libraries: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    error: str | None = None
    message: str | None = None


class Device(NamedTuple):
    """A GPU, as a framework sees it."""

    framework: str
    number: int
    ok: bool
    name: str | None = None
    capability: str | None = None
    memory_bytes: int | None = None
    error: str | None = None
    message: str | None = None


class Computation(NamedTuple):
    """Something computed and held against what it must be; ok None: it could not be tried."""

    framework: str
    operation: str
    ok: bool | None
    device: int | None = None
    dtype: str | None = None
    seconds: float | None = None
    relative_error: float | None = None
    error: str | None = None
    message: str | None = None


class Child(NamedTuple):
    """How a process of a framework ended; reason: why it was not started."""

    framework: str
    name: str
    reason: str | None
    status: int | None = None
    signal: int | None = None
    timed_out: bool = False
    seconds: float | None = None
    said: str | None = None
    limit_s: float | None = None
