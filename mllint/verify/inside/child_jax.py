"""What JAX says of itself, and what it computes on each GPU that it sees."""

import importlib
from functools import partial
from typing import Any, List

from .child import Facts, Results, arguments, attempt
from .loaded_libraries import loaded_cuda_libraries


def main(hidden: List[str]) -> None:
    """Write one `framework`, and, with a GPU, a `computation` for each."""
    results = Results()
    gpu = bool(arguments(hidden)["gpu"])
    jax: Any = None
    devices: List[Any] = []

    def load() -> Facts:
        nonlocal jax
        jax = importlib.import_module("jax")
        devices.extend(device for device in jax.devices() if device.platform == "gpu")
        return {
            "version": str(jax.__version__),
            "available": bool(devices),
            "device_count": len(devices),
            "libraries": loaded_cuda_libraries(),
        }

    if attempt(results, {"kind": "framework"}, load) and gpu:
        for index, device in enumerate(devices):
            facts = {"operation": "matmul", "device": index, "dtype": "float32"}
            attempt(results, facts, partial(_matmul, jax, device))


def _matmul(jax: Any, device: Any) -> Facts:
    numpy = importlib.import_module("numpy")
    first = numpy.arange(4096, dtype="float32").reshape(64, 64) / 4096
    found = numpy.asarray(jax.jit(lambda x: x @ x)(jax.device_put(first, device)))
    expected = first @ first
    error = float(abs(found - expected).max())
    good = error <= 1e-2 * float(abs(expected).max())
    return {"ok": good, "message": "" if good else f"differs from NumPy by {error:.3g}"}
