"""The number of a GPU in, whether torch computes on it as on the CPU out.

`is_available()` proves little: a GPU that the wheels were not built for is "available" too, and
fails at its first kernel.
"""

import importlib
from functools import partial
from typing import Any, List

from .child import Facts, Results, arguments, attempt

# The largest error that a sound GPU makes, relative to the norm: TF32 has 10 bits, bfloat16 has 7.
_TOLERANCES = {"float32": 5e-3, "float16": 1e-2, "bfloat16": 5e-2}
_LEAST_BFLOAT16 = (8, 0)


def main(hidden: List[str]) -> None:
    """Write a `computation` for each kind of kernel and number."""
    results = Results()
    index = int(arguments(hidden)["device"])
    torch = importlib.import_module("torch")
    torch.manual_seed(7)
    device = torch.device("cuda", index)
    capability = torch.cuda.get_device_capability(index)
    for name, tolerance in _TOLERANCES.items():
        if name == "bfloat16" and tuple(capability) < _LEAST_BFLOAT16:
            continue
        facts = {"device": index, "dtype": name}
        for operation, call in (("add", _add), ("matmul", _matmul), ("conv2d", _conv2d)):
            numbers = getattr(torch, name)
            run = partial(call, torch, device, numbers, tolerance)
            attempt(results, dict(facts, operation=operation), run)


def _add(torch: Any, device: Any, dtype: Any, tolerance: float) -> Facts:
    """A kernel of torch's own."""
    first, second = torch.randn(4096), torch.randn(4096)
    found = first.to(device, dtype) + second.to(device, dtype)
    return _compared(torch, found, first + second, tolerance)


def _matmul(torch: Any, device: Any, dtype: Any, tolerance: float) -> Facts:
    """A call into cuBLAS."""
    first, second = torch.randn(256, 256), torch.randn(256, 256)
    found = first.to(device, dtype) @ second.to(device, dtype)
    return _compared(torch, found, first @ second, tolerance)


def _conv2d(torch: Any, device: Any, dtype: Any, tolerance: float) -> Facts:
    """A call into cuDNN."""
    image, weights = torch.randn(2, 8, 32, 32), torch.randn(16, 8, 3, 3)
    conv2d = torch.nn.functional.conv2d
    found = conv2d(image.to(device, dtype), weights.to(device, dtype))
    return _compared(torch, found, conv2d(image, weights), tolerance)


def _compared(torch: Any, found: Any, expected: Any, tolerance: float) -> Facts:
    """Whether the GPU's result is the CPU's; NaN is not."""
    torch.cuda.synchronize()
    difference = (found.detach().cpu().double() - expected.double()).norm()
    error = float(difference / expected.double().norm())
    facts: Facts = {"relative_error": error, "ok": error <= tolerance}
    if not facts["ok"]:
        message = f"differs from the CPU by {error:.3g}, more than {tolerance:g}"
        facts.update(error="WrongResult", message=message)
    return facts
