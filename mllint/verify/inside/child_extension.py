"""The name of a compiled extension of torch in, whether one call into it is right out."""

import importlib
from typing import Any, List

from .child import Facts, Results, arguments, attempt

_LARGEST_ERROR = {"flash-attn": 2e-2, "xformers": 2e-2, "bitsandbytes": 1e-1}


def main(hidden: List[str]) -> None:
    """Write one `computation` on the first GPU."""
    results = Results()
    name = str(arguments(hidden)["name"])
    calls = {"flash-attn": _flash, "xformers": _xformers, "bitsandbytes": _bitsandbytes}

    def run() -> Facts:
        torch = importlib.import_module("torch")
        torch.manual_seed(7)
        found, expected = calls[name](torch)
        torch.cuda.synchronize()
        expected = expected.float().cpu()
        error = float((found.float().cpu() - expected).norm() / expected.norm())
        if error <= _LARGEST_ERROR[name]:
            return {"relative_error": error}
        message = f"differs from torch by {error:.3g}"
        return {"relative_error": error, "ok": False, "error": "WrongResult", "message": message}

    attempt(results, {"operation": name, "device": 0, "dtype": "float16"}, run)


def _attention(torch: Any, query: Any, key: Any, value: Any) -> Any:
    """Plain attention on the CPU; batch, sequence, heads, size, as both extensions take it."""
    query, key, value = (part.float().cpu().transpose(1, 2) for part in (query, key, value))
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    return (torch.softmax(scores, dim=-1) @ value).transpose(1, 2)


def _tensors(torch: Any) -> List[Any]:
    return [torch.randn(1, 16, 1, 64, device="cuda", dtype=torch.float16) for _ in range(3)]


def _flash(torch: Any) -> Any:
    parts = _tensors(torch)
    call = importlib.import_module("flash_attn").flash_attn_func
    return call(*parts), _attention(torch, *parts)


def _xformers(torch: Any) -> Any:
    parts = _tensors(torch)
    call = importlib.import_module("xformers.ops").memory_efficient_attention
    return call(*parts), _attention(torch, *parts)


def _bitsandbytes(torch: Any) -> Any:
    layers = importlib.import_module("bitsandbytes").nn
    plain = torch.nn.Linear(64, 64, bias=False)
    small = layers.Linear8bitLt(64, 64, bias=False, has_fp16_weights=False)
    small.load_state_dict(plain.state_dict())
    values = torch.randn(4, 64)
    return small.cuda()(values.cuda().half()), plain(values).detach()
