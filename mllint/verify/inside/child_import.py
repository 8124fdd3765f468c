"""The name of a module in, what its import does out; runs in an interpreter of its own."""

import importlib
import resource
import sys
from typing import List

from .child import Facts, Results, arguments, attempt
from .loaded_libraries import loaded_cuda_libraries


def main(hidden: List[str]) -> None:
    """Import the module that is asked for, and write one result."""
    results = Results()
    name = str(arguments(hidden))

    def load() -> Facts:
        module = importlib.import_module(name)
        return {
            "version": getattr(module, "__version__", None),
            "file": getattr(module, "__file__", None),
            "libraries": loaded_cuda_libraries(),
            "memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }

    attempt(results, {}, load)
    sys.stdout.flush()
