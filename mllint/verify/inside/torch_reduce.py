"""Whether torch.distributed works with a backend in one process; runs in a child of the probe."""

import os
import tempfile
from typing import Any

from .child import Facts

_ONES = 8


def all_reduce(torch: Any, backend: str) -> Facts:
    """An all_reduce of one rank with `gloo` or `nccl`; `ok` None where torch is built without."""
    distributed = torch.distributed
    if not distributed.is_available():
        return {"ok": None, "message": "this torch is built without torch.distributed"}
    if backend == "nccl" and not distributed.is_nccl_available():
        return {"ok": None, "message": "this torch is built without NCCL"}
    # The container has no network but the loopback.
    for name in ("NCCL_SOCKET_IFNAME", "GLOO_SOCKET_IFNAME"):
        os.environ.setdefault(name, "lo")
    with tempfile.TemporaryDirectory() as folder:
        distributed.init_process_group(
            backend,
            init_method="file://" + os.path.join(folder, "store"),
            rank=0,
            world_size=1,
        )
        values = torch.ones(_ONES, device="cuda:0" if backend == "nccl" else "cpu")
        distributed.all_reduce(values)
        total = float(values.sum())
        distributed.destroy_process_group()
    right = total == _ONES
    return {"ok": right, "message": "" if right else f"{_ONES} ones add up to {total:g}"}
