"""What the engine said as it could not start a container with a GPU in, whose fault it is out."""

from mllint.regex import lazy
from mllint.report.visible import visible
from mllint.verify.engines.run_results import GpuStart, HostFault

# Seen texts, and where: github.com/NVIDIA/libnvidia-container (src/cli), nvidia-container-toolkit
# and docker/cli issues, read 2026-11-23.
_NO_TOOLKIT = lazy(
    r"could not select device driver|[Uu]nknown (?:or invalid )?runtime(?: name| specified)"
    r"|nvidia-container-runtime-hook.*(?:not found|no such file)"
)
_NO_DRIVER = lazy(
    r"libnvidia-ml\.so\.1: cannot open shared object|driver not loaded|nvml error: unknown error"
    r"|Failed to initialize NVML|no NVIDIA GPU device is present"
)
_TOO_OLD = lazy(r"unsatisfied condition: (?P<condition>[^,\n]*(?:,driver<\d+)?)")
_MISMATCH = lazy(r"driver/library version mismatch")
_NO_DEVICE = lazy(r"unknown device|unresolvable CDI devices? (?P<device>\S+)|device error")
_HOOK = lazy(r"nvidia|error running (?:prestart )?hook", 2)  # 2: re.IGNORECASE
_MESSAGE = lazy(r"nvidia-container-cli: (?P<message>.*?)(?:: unknown)?\s*$", 8)  # 8: re.MULTILINE

_HELP = {
    HostFault.NO_TOOLKIT: (
        "install the NVIDIA Container Toolkit, then run "
        "`nvidia-ctk runtime configure --runtime=docker` and restart the engine"
    ),
    HostFault.NO_DRIVER: "install the NVIDIA driver on the machine; `nvidia-smi` must work there",
    HostFault.DRIVER_TOO_OLD: "update the driver of the machine, or use an image of an older CUDA",
    HostFault.DRIVER_MISMATCH: "restart the machine, whose driver was updated",
    HostFault.NO_SUCH_DEVICE: "name a GPU that `nvidia-smi -L` lists on the machine",
    HostFault.OTHER: "run `docker run --rm --gpus all IMAGE nvidia-smi` to see it by itself",
}


def gpu_start_failure(text: str) -> GpuStart | None:
    """Why a container with a GPU did not start; None where that has nothing to do with a GPU."""
    fault = _fault(text)
    if fault is None:
        return None
    message = _MESSAGE.search(text)
    said = message["message"] if message else text.strip().rpartition("\n")[2]
    return GpuStart(asked=True, fault=fault, said=visible(said[:400]), help=_HELP[fault])


def gpu_hang(text: str) -> GpuStart:
    """That the runtime does not come to an end: the driver does not answer it."""
    fault = HostFault.OTHER
    return GpuStart(asked=True, fault=fault, said=visible(text), help=_HELP[fault])


def _fault(text: str) -> HostFault | None:
    if _TOO_OLD.search(text):
        return HostFault.DRIVER_TOO_OLD
    if _MISMATCH.search(text):
        return HostFault.DRIVER_MISMATCH
    if _NO_DRIVER.search(text):
        return HostFault.NO_DRIVER
    if _NO_TOOLKIT.search(text):
        return HostFault.NO_TOOLKIT
    if _NO_DEVICE.search(text):
        return HostFault.NO_SUCH_DEVICE
    return HostFault.OTHER if _HOOK.search(text) else None
