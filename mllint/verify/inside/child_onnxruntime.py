"""What ONNX Runtime says of itself, whether its CUDA part can be loaded, and what it computes."""

import ctypes
import importlib
import os
from functools import partial
from typing import Any, List, Union

from .child import Facts, Results, arguments, attempt
from .loaded_libraries import loaded_cuda_libraries

_CUDA = "CUDAExecutionProvider"
_CPU = "CPUExecutionProvider"


def main(hidden: List[str]) -> None:
    """Write one `framework`, and a `computation` on each provider that has to work."""
    results = Results()
    gpu = bool(arguments(hidden)["gpu"])
    onnxruntime: Any = None

    def load() -> Facts:
        nonlocal onnxruntime
        onnxruntime = importlib.import_module("onnxruntime")
        providers = list(onnxruntime.get_available_providers())
        return {
            "version": str(onnxruntime.__version__),
            "providers": providers,
            "device_count": None,
            # It is listed also where it cannot be loaded.
            "provider_error": _load_error(onnxruntime) if _CUDA in providers else None,
            "libraries": loaded_cuda_libraries(),
        }

    if attempt(results, {"kind": "framework"}, load):
        wanted = [_CPU, _CUDA] if gpu and _CUDA in onnxruntime.get_available_providers() else [_CPU]
        for provider in wanted:
            facts = {"operation": "matmul " + provider, "dtype": "float32"}
            attempt(results, facts, partial(_matmul, onnxruntime, provider))


def _load_error(onnxruntime: Any) -> Union[str, None]:
    folder = os.path.join(os.path.dirname(onnxruntime.__file__), "capi")
    try:
        # The provider finds this one by its name only, among what is loaded already.
        ctypes.CDLL(folder + "/libonnxruntime_providers_shared.so", mode=ctypes.RTLD_GLOBAL)
        ctypes.CDLL(folder + "/libonnxruntime_providers_cuda.so")
    except OSError as error:
        return str(error)
    return None


def _matmul(onnxruntime: Any, provider: str) -> Facts:
    numpy = importlib.import_module("numpy")
    first = numpy.arange(64, dtype="float32").reshape(8, 8) / 64
    session = onnxruntime.InferenceSession(matmul_model(), providers=[provider])
    used = session.get_providers()[0]
    (found,) = session.run(None, {"x": first})
    error = float(abs(found - first @ first).max())
    if used != provider:
        return {"ok": False, "error": "Fallback", "message": f"runs on {used} instead"}
    good = error <= 1e-2
    return {"ok": good, "message": "" if good else f"differs from NumPy by {error:.3g}"}


def matmul_model() -> bytes:
    """An ONNX model of one node, `y = x @ x` with 8 rows and columns, as protobuf bytes."""

    def value(name: bytes) -> bytes:
        size = _field(1, _field(1, 8))
        shape = _field(2, size + size)
        return _field(1, name) + _field(2, _field(1, _field(1, 1) + shape))

    node = _field(1, b"x") + _field(1, b"x") + _field(2, b"y") + _field(4, b"MatMul")
    graph = _field(1, node) + _field(2, b"g") + _field(11, value(b"x")) + _field(12, value(b"y"))
    return _field(1, 7) + _field(7, graph) + _field(8, _field(2, 13))


def _field(number: int, content: Union[int, bytes]) -> bytes:
    """A field of a protobuf message; all numbers and lengths here are below 128, or two bytes."""
    if isinstance(content, int):
        return bytes([number << 3, content])
    length = len(content)
    prefix = [length] if length < 128 else [length & 127 | 128, length >> 7]
    return bytes([number << 3 | 2, *prefix]) + content
