"""What TensorFlow says of itself, and what it computes on each GPU that it sees."""

import importlib
from functools import partial
from typing import Any, List

from .child import Facts, Results, arguments, attempt
from .loaded_libraries import loaded_cuda_libraries


def main(hidden: List[str]) -> None:
    """Write one `framework`, and, with a GPU, a `computation` for each."""
    results = Results()
    gpu = bool(arguments(hidden)["gpu"])
    tensorflow: Any = None
    devices: List[Any] = []

    def load() -> Facts:
        nonlocal tensorflow
        tensorflow = importlib.import_module("tensorflow")
        devices.extend(tensorflow.config.list_physical_devices("GPU"))
        build = dict(tensorflow.sysconfig.get_build_info())
        return {
            "version": str(tensorflow.__version__),
            "cuda": build.get("cuda_version"),
            "cudnn": build.get("cudnn_version"),
            "archs": list(build.get("cuda_compute_capabilities", [])),
            "available": bool(devices),
            "device_count": len(devices),
            "libraries": loaded_cuda_libraries(),
        }

    if attempt(results, {"kind": "framework"}, load) and gpu:
        for index in range(len(devices)):
            facts = {"operation": "matmul", "device": index, "dtype": "float32"}
            attempt(results, facts, partial(_matmul, tensorflow, index))


def _matmul(tensorflow: Any, index: int) -> Facts:
    found = []
    for device in (f"/GPU:{index}", "/CPU:0"):
        with tensorflow.device(device):
            first = tensorflow.reshape(tensorflow.range(4096, dtype="float32"), (64, 64)) / 4096.0
            found.append(tensorflow.linalg.matmul(first, first))
    error = float(tensorflow.reduce_max(tensorflow.abs(found[0] - found[1])))
    scale = float(tensorflow.reduce_max(tensorflow.abs(found[1])))
    good = error <= 5e-3 * scale
    return {"ok": good, "message": "" if good else f"differs from the CPU by {error:.3g}"}
