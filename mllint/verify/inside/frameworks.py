"""The installed frameworks in, what each says of itself and, with a GPU, what it computes out."""

import json
import time
from typing import Iterator, List, NamedTuple, Set

from .bundle import bundle
from .distributions import find_distributions
from .isolation import results_of, run_child
from .records import Record
from .request import Request

_SHARED = ("records", "child", "loaded_libraries", "torch_loader", "torch_reduce")
_LONGEST_S = 300.0


class _Framework(NamedTuple):
    """A framework: the child that asks it, and the distributions that bring it."""

    name: str
    child: str
    distributions: Set[str]


_FRAMEWORKS = (
    _Framework("torch", "child_torch", {"torch", "pytorch"}),
    _Framework(
        "tensorflow",
        "child_tensorflow",
        {"tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tf-nightly", "nvidia-tensorflow"},
    ),
    _Framework("jax", "child_jax", {"jax"}),
    _Framework(
        "onnxruntime",
        "child_onnxruntime",
        {"onnxruntime", "onnxruntime-gpu", "onnxruntime-training", "onnxruntime-openvino"},
    ),
)
# Compiled for torch: each is called once on the GPU.
_EXTENSIONS = ("flash-attn", "xformers", "bitsandbytes")


def probe_frameworks(request: Request) -> Iterator[Record]:
    """Records of kind `framework`, `device`, `computation`, and `child` for how each run ended."""
    installed = {found.key for found in find_distributions()}
    for framework in _FRAMEWORKS:
        if framework.distributions & installed:
            devices = 0
            for record in _ask(framework.name, framework.child, {"gpu": request.gpu}, request):
                if record["kind"] == "framework":
                    devices = int(record.get("device_count") or 0)
                yield record
            if framework.name == "torch":
                yield from _compute_with_torch(request, devices, installed)


def _compute_with_torch(request: Request, devices: int, installed: Set[str]) -> Iterator[Record]:
    if not request.gpu:
        return
    for device in range(min(devices, 16)):
        yield from _ask("torch", "child_kernels", {"device": device}, request)
    if devices:
        yield from _ask("torch", "child_nccl", {}, request)
        yield from _ask("torch", "child_compile", {}, request)
    for name in _EXTENSIONS:
        if devices and name in installed:
            yield from _ask(name, "child_extension", {"name": name}, request)


def _ask(framework: str, child: str, given: Record, request: Request) -> Iterator[Record]:
    """What a child writes, as records; then how it ended."""
    modules: List[str] = [*_SHARED, child]
    left = request.deadline - time.monotonic()
    record: Record = {"kind": "child", "framework": framework, "name": child}
    if left <= 0:
        yield dict(record, reason="the time for all probes was used up")
        return
    limit = min(max(request.timeout_s, 60.0), _LONGEST_S, left)
    ended = run_child(bundle(child, modules), [json.dumps(given)], limit)
    for found in results_of(ended):
        yield {"kind": "computation", **found, "framework": framework}
    yield {**record, **ended.as_record(), "limit_s": limit, "reason": None}
