"""Whether torch.compile makes a kernel that computes the right thing: it wants a C compiler."""

import importlib.util
from typing import Any, List

from .child import Facts, Results, arguments, attempt


def main(hidden: List[str]) -> None:
    """Write one `computation`; not ok and not failed where there is no Triton."""
    results = Results()
    arguments(hidden)

    def run() -> Facts:
        torch = importlib.import_module("torch")
        if importlib.util.find_spec("triton") is None or not hasattr(torch, "compile"):
            return {"ok": None, "message": "there is no Triton to compile with"}

        def shape(values: Any) -> Any:
            return torch.relu(values * 2 + 1).sum()

        values = torch.arange(-8.0, 8.0)
        found = float(torch.compile(shape)(values.cuda()))
        expected = float(shape(values))
        message = "" if found == expected else f"{found:g} instead of {expected:g}"
        return {"ok": found == expected, "message": message}

    attempt(results, {"operation": "torch.compile", "device": 0}, run)
