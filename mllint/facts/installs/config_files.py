"""Where pip and uv look for configuration in, whether any that is not read takes part, out.

Paths as in pip's documentation ("Configuration") and uv's ("Configuration files"), read 2026-11-25.
"""

import posixpath
from collections.abc import Callable, Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Located
from mllint.facts.commands.variables import Lookup, Value

_PIP = ("/etc/pip.conf", "/etc/xdg/pip/pip.conf")
_PIP_AT_HOME = (".pip/pip.conf", ".config/pip/pip.conf")


def unread_config(
    execution: Execution, locate: Callable[[str], Located | None], *, uv: bool
) -> bool:
    """Whether a file may set indexes or options for a command: it is there, or may be."""
    lookup = execution.lookup
    named = lookup("UV_CONFIG_FILE" if uv else "PIP_CONFIG_FILE")
    if named not in (None, "", "/dev/null"):
        return True
    paths = _uv_paths(lookup, execution.workdir) if uv else _pip_paths(lookup)
    return any(locate(path) is not None for path in paths)


def _pip_paths(lookup: Lookup) -> Iterator[str]:
    yield from _PIP
    for folder, names in ((lookup("HOME"), _PIP_AT_HOME), (lookup("VIRTUAL_ENV"), ("pip.conf",))):
        if isinstance(folder, str) and folder.startswith("/"):
            yield from (posixpath.join(folder, name) for name in names)


def _uv_paths(lookup: Lookup, workdir: Value) -> Iterator[str]:
    yield "/etc/uv/uv.toml"
    home = lookup("HOME")
    if isinstance(home, str):
        yield posixpath.join(home, ".config/uv/uv.toml")
    if isinstance(workdir, str):
        yield posixpath.join(workdir, "uv.toml")
