"""The name of a backend in, whether torch.distributed works with it in one process out."""

import importlib
import os
import tempfile
from typing import List

from .child import Facts, Results, arguments, attempt


def main(hidden: List[str]) -> None:
    """Write one `computation`: an all_reduce of one rank."""
    results = Results()
    backend = str(arguments(hidden)["backend"])

    def reduce() -> Facts:
        torch = importlib.import_module("torch")
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
                backend, init_method="file://" + os.path.join(folder, "store"), rank=0, world_size=1
            )
            device = "cuda:0" if backend == "nccl" else "cpu"
            values = torch.ones(8, device=device)
            distributed.all_reduce(values)
            total = float(values.sum())
            distributed.destroy_process_group()
        return {
            "ok": total == 8.0,
            "message": "" if total == 8.0 else f"8 ones add up to {total:g}",
        }

    attempt(results, {"operation": "all_reduce " + backend}, reduce)
