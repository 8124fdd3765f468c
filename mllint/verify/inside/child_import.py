"""The name of a module in, what its import does out; runs in an interpreter of its own."""

import importlib
import resource
from typing import List, Optional

from .child import Facts, Results, arguments, attempt
from .loaded_libraries import loaded_cuda_libraries


def main(hidden: List[str]) -> None:
    """Import the module that is asked for, and write one result."""
    results = Results()
    name = str(arguments(hidden))

    def load() -> Facts:
        module = importlib.import_module(name)
        return {
            "version": _text(module, "__version__"),
            "file": _text(module, "__file__"),
            "libraries": loaded_cuda_libraries(),
            "memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }

    attempt(results, {}, load)


def _text(module: object, name: str) -> Optional[str]:
    """An attribute that is text; a module may work one out, fail at it, or have another thing."""
    try:
        value = getattr(module, name, None)
    except Exception:
        return None
    return value if isinstance(value, str) else None
