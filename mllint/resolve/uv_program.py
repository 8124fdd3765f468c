"""Where the program uv is: beside the interpreter, else on PATH. The one module that knows uv."""

import shutil

from mllint.errors import ConfigError


def find_uv(asker: str) -> str:
    """The path of uv; raises ConfigError with how to get it. asker: what needs it."""
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
        raise ConfigError(f"{asker} needs uv: pip install 'mllint-docker[resolve]'")
    return found
