"""Where the program uv is: beside the interpreter, else on PATH. The one module that knows uv."""

import shutil

from mllint.errors import ConfigError


def find_uv() -> str:
    """The path of uv; raises ConfigError with how to get it."""
    try:
        from uv import find_uv_bin
    except ImportError:
        found = shutil.which("uv")
    else:
        try:
            found = find_uv_bin()
        except FileNotFoundError:
            found = shutil.which("uv")
    if found is None:
        raise ConfigError("--resolve needs uv: pip install 'mllint-docker[resolve]'")
    return found
