"""Names of modules of this package in, one script that holds and runs them out."""

import importlib.abc
import importlib.util
from typing import Sequence

# Python puts the folder of the script first, or the working folder: a `json.py` that lies there
# must not come in the way of the standard library. Not so with -I, -P and PYTHONSAFEPATH.
_START = """\
import sys
_safe = sys.flags.isolated or getattr(sys.flags, "safe_path", False)
_hidden = [] if _safe else sys.path[:1]
sys.path[:] = sys.path[len(_hidden):]
"""


def bundle(entry: str, names: Sequence[str]) -> str:
    """The script that calls `main` of the module `entry`; `names`: all the modules it needs."""
    sources = {name: module_source(name) for name in sorted({entry, *names})}
    return "{}{}\n\nrun({!r}, {!r}, _hidden)\n".format(
        _START, module_source("loader"), sources, entry
    )


def module_source(name: str) -> str:
    """The text of a module of this package, also from within a bundle."""
    spec = importlib.util.find_spec(f"{__package__}.{name}")
    loader = spec.loader if spec else None
    if not isinstance(loader, importlib.abc.InspectLoader):
        raise ImportError(name)
    text = loader.get_source(f"{__package__}.{name}")
    if text is None:
        raise ImportError(name)
    return text
