"""Names of modules of this package in, one script that holds and runs them out."""

import importlib.abc
import importlib.util
from typing import Sequence

TOO_OLD = 97
"""The exit status of the script where the Python is too old to read the rest of it."""

# Python puts the folder of the script first, or the working folder: a `json.py` that lies there
# must not come in the way of the standard library. Not so with -I, -P and PYTHONSAFEPATH.
_START = """\
import sys
if sys.version_info < (3, 6):
    sys.stderr.write("mllint needs Python 3.6 to look into an image; this is %d.%d\\n"
                     % sys.version_info[:2])
    sys.exit({status})
_safe = sys.flags.isolated or getattr(sys.flags, "safe_path", False)
_hidden = [] if _safe else sys.path[:1]
sys.path[:] = sys.path[len(_hidden):]
exec(compile({text!a}, "mllint-probe", "exec"))
"""


def bundle(entry: str, names: Sequence[str]) -> str:
    """The script that calls `main` of the module `entry`; `names`: all the modules it needs."""
    sources = {name: module_source(name) for name in sorted({entry, *names})}
    loader = module_source("loader")
    text = f"{loader}\n\nrun({sources!r}, {entry!r}, _hidden)\n"
    return _START.format(status=TOO_OLD, text=text)


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
