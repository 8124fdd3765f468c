"""The interpreter that runs this, out: itself, its markers, its folders, the programs on PATH."""

import os
import platform
import shutil
import sys
import sysconfig
from typing import Dict, Iterator, List, Optional

from .records import Record

_PROGRAMS = ("python", "python3", "pip", "pip3", "uv", "conda", "sh", "bash")
_VARIABLES = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONPATH"),
    *("PYTHONHOME", "PYTHONUNBUFFERED", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV"),
    *("CUDA_HOME", "CUDA_VERSION", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"),
    *("NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_REQUIRE_CUDA", "HF_HOME", "HF_HUB_OFFLINE"),
    *("TRANSFORMERS_OFFLINE",),
    *("TORCH_HOME", "TORCH_CUDA_ARCH_LIST", "TRANSFORMERS_CACHE", "XDG_CACHE_HOME"),
)


def probe_interpreter() -> Iterator[Record]:
    """One record: which Python this is and where it looks for modules."""
    yield {
        "kind": "interpreter",
        "executable": sys.executable,
        "version": "{}.{}.{}".format(*sys.version_info[:3]),
        "implementation": platform.python_implementation(),
        "prefix": os.path.normpath(sys.prefix),
        "base_prefix": os.path.normpath(sys.base_prefix),
        "machine": platform.machine(),
        "path": [entry for entry in sys.path if entry],
        "externally_managed": _is_externally_managed(),
        "marker": _marker_environment(),
        "programs": [_program(name) for name in _PROGRAMS],
        "variables": [[name, os.environ[name]] for name in _VARIABLES if name in os.environ],
    }


def _is_externally_managed() -> bool:
    """Whether pip refuses to install here (PEP 668): not so in a venv."""
    if sys.prefix != sys.base_prefix:
        return False
    folder = sysconfig.get_path("stdlib")
    return bool(folder) and os.path.isfile(os.path.join(folder, "EXTERNALLY-MANAGED"))


def _marker_environment() -> Dict[str, str]:
    """What the markers of requirements (PEP 508) are evaluated with."""
    info = sys.implementation.version
    version = "{}.{}.{}".format(*info[:3])
    if info.releaselevel != "final":
        version += info.releaselevel[0] + str(info.serial)
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": version,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "platform_python_implementation": platform.python_implementation(),
        "python_version": "{}.{}".format(*sys.version_info[:2]),
        "sys_platform": sys.platform,
    }


def _program(name: str) -> Record:
    """Where a program lies, and, of a script, the interpreter that its first line names."""
    path = shutil.which(name)
    real = os.path.realpath(path) if path else None
    return {"name": name, "path": path, "real": real, "interpreter": _interpreter_of(path)}


def _interpreter_of(path: Optional[str]) -> Optional[str]:
    """`/opt/venv/bin/python` for a pip that begins with `#!/opt/venv/bin/python -I`."""
    try:
        with open(path or "", "rb") as file:
            lines: List[bytes] = file.read(600).split(b"\n")
    except OSError:
        return None
    words = lines[0][2:].split() if lines[0].startswith(b"#!") else []
    if not words:
        return None
    # Where the path is too long for a first line: `'''exec' "/very/long/python" "$0" "$@"`.
    if words[0] == b"/bin/sh" and len(lines) > 1 and lines[1].startswith(b"'''exec'"):
        words = lines[1].split()[1:2]
    return words[0].decode("utf-8", "replace").strip("\"'")
