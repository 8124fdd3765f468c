"""The container around the interpreter, out: distribution, C library, user, folders, limits."""

import os
import platform
import re
from typing import Dict, Iterator, Optional

from .records import Record

_RELEASE = re.compile(r"""^([A-Z_]+)=(["']?)(.*?)\2$""")
_WRITTEN = (
    *("HOME", "HF_HOME", "HF_HUB_CACHE", "TRANSFORMERS_CACHE", "TORCH_HOME", "XDG_CACHE_HOME"),
    *("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR", "MPLCONFIGDIR", "NUMBA_CACHE_DIR"),
)
_MEMORY_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_NO_LIMIT = 1 << 60


def probe_system() -> Iterator[Record]:
    """A record about the system and one about the user."""
    release = _os_release()
    libc, version = _libc()
    yield {
        "kind": "system",
        "distro": release.get("ID", ""),
        "release": release.get("VERSION_ID", ""),
        "name": release.get("PRETTY_NAME", ""),
        "libc": libc,
        "libc_version": version,
        "kernel": platform.release(),
        "cwd": _cwd(),
        "shm_bytes": _free_size("/dev/shm"),
        "memory_bytes": _memory_limit(),
        "root_read_only": _is_read_only("/"),
    }
    yield {
        "kind": "user",
        "uid": os.getuid(),
        "gid": os.getgid(),
        "name": _user_name(os.getuid()),
        "home": os.path.expanduser("~"),
        "folders": [_folder(name, path) for name, path in _folders().items()],
    }


def _os_release() -> Dict[str, str]:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = file.read(20000).splitlines()
        except OSError:
            continue
        found = (_RELEASE.match(line.strip()) for line in lines)
        return {match.group(1): match.group(3) for match in found if match}
    return {}


def _libc() -> "tuple[str, str]":
    """`("glibc", "2.36")`; musl says its version to nobody but its own loader."""
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (ValueError, OSError):
        name, version = "", ""
    if name:
        return name, version
    try:
        loaders = [entry for entry in os.listdir("/lib") if entry.startswith("ld-musl-")]
    except OSError:
        loaders = []
    return ("musl" if loaders else ""), ""


def _cwd() -> Optional[str]:
    try:
        return os.getcwd()
    except OSError:
        return None


def _free_size(path: str) -> Optional[int]:
    """The size of a file system in bytes; None where there is none of its own."""
    try:
        if not os.path.ismount(path):
            return None
        found = os.statvfs(path)
    except OSError:
        return None
    return found.f_blocks * found.f_frsize


def _is_read_only(path: str) -> Optional[bool]:
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return None


def _memory_limit() -> Optional[int]:
    for path in _MEMORY_LIMITS:
        try:
            with open(path) as file:
                text = file.read(100).strip()
        except OSError:
            continue
        limit = int(text) if text.isdigit() else _NO_LIMIT
        return limit if limit < _NO_LIMIT else None
    return None


def _user_name(uid: int) -> Optional[str]:
    """The name of the user; None where /etc/passwd has none: then getpass and pathlib fail too."""
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return None


def _folders() -> Dict[str, str]:
    """The folders that programs write into, by the name of the variable that names them."""
    found = {name: os.environ[name] for name in _WRITTEN if os.environ.get(name)}
    found.setdefault("HOME", os.path.expanduser("~"))
    found["cwd"] = _cwd() or ""
    found["tmp"] = os.environ.get("TMPDIR") or "/tmp"
    return found


def _folder(name: str, path: str) -> Record:
    """Whether the user may write there; into one that is not there yet: whether it can be made."""
    there, parent = os.path.isdir(path), path
    while not os.path.isdir(parent) and parent not in ("", "/"):
        parent = os.path.dirname(parent.rstrip("/"))
    writable = os.access(parent or "/", os.W_OK | os.X_OK)
    return {"name": name, "path": path, "there": there, "writable": writable}
