"""Whether NCCL works on the first GPU, in one process."""

import importlib
from typing import List

from .child import Facts, Results, arguments, attempt
from .torch_reduce import all_reduce


def main(hidden: List[str]) -> None:
    """Write one `computation`: an all_reduce of one rank."""
    results = Results()
    arguments(hidden)

    def run() -> Facts:
        return all_reduce(importlib.import_module("torch"), "nccl")

    attempt(results, {"operation": "all_reduce nccl", "device": 0}, run)
