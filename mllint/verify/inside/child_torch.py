"""What torch says of itself and of the GPUs that it sees; runs in an interpreter of its own."""

import importlib
from functools import partial
from typing import Any, Callable, List

from .child import Facts, Results, arguments, attempt, failure
from .loaded_libraries import loaded_cuda_libraries
from .torch_loader import load_batches
from .torch_reduce import all_reduce


def main(hidden: List[str]) -> None:
    """Write one `framework`, a `device` for each GPU, and a `computation` on the CPU."""
    results = Results()
    gpu = bool(arguments(hidden)["gpu"])
    torch: Any = None

    def load() -> Facts:
        nonlocal torch
        torch = importlib.import_module("torch")
        return _facts(torch)

    if not attempt(results, {"kind": "framework"}, load):
        return
    for number in range(torch.cuda.device_count() if gpu else 0):
        attempt(results, {"kind": "device", "number": number}, partial(_device, torch, number))
    # Last: what came before is told, whatever these do.
    attempt(results, {"operation": "DataLoader"}, partial(load_batches, torch))
    attempt(results, {"operation": "all_reduce gloo"}, partial(all_reduce, torch, "gloo"))


def _facts(torch: Any) -> Facts:
    faults: List[str] = []

    def ask(name: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:
            faults.append("{}: {}".format(name, failure(error)["message"]))
            return None

    return {
        "version": str(torch.__version__),
        "cuda": ask("cuda", lambda: torch.version.cuda),
        "hip": ask("hip", lambda: getattr(torch.version, "hip", None)),
        "cudnn": ask("cudnn", lambda: _cudnn(torch.backends.cudnn.version())),
        # get_arch_list() answers [] without a GPU: github.com/pytorch/pytorch/issues/102560
        "archs": ask("archs", lambda: torch._C._cuda_getArchFlags().split())
        if _has_cuda(torch)
        else [],
        "nccl": ask("nccl", lambda: _nccl(torch)),
        "available": ask("available", torch.cuda.is_available),
        "device_count": ask("device_count", torch.cuda.device_count),
        "libraries": ask("libraries", loaded_cuda_libraries),
        "faults": faults,
    }


def _has_cuda(torch: Any) -> bool:
    return hasattr(torch._C, "_cuda_getArchFlags")


def _cudnn(number: Any) -> Any:
    """`8.9.2` of 8902, `9.1.0` of 90100."""
    if not isinstance(number, int):
        return None
    large = 10000 if number >= 90000 else 1000
    return f"{number // large}.{number % large // 100}.{number % 100}"


def _nccl(torch: Any) -> Any:
    if not (torch.distributed.is_available() and torch.distributed.is_nccl_available()):
        return None
    version = torch.cuda.nccl.version()
    return ".".join(map(str, version)) if isinstance(version, tuple) else str(version)


def _device(torch: Any, index: int) -> Facts:
    return {
        "name": torch.cuda.get_device_name(index),
        "capability": "{}.{}".format(*torch.cuda.get_device_capability(index)),
        "memory_bytes": torch.cuda.get_device_properties(index).total_memory,
    }
