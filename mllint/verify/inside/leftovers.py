"""The folders of the image in, what a build left in them out: caches, .git folders, compilers."""

import glob
import os
import re
import shutil
from itertools import islice
from typing import Dict, Iterator, List, Optional, Tuple

from .isolation import run_program
from .records import Record

_CACHES = {
    "pip cache": ("~/.cache/pip", "/root/.cache/pip"),
    "uv cache": ("~/.cache/uv", "/root/.cache/uv"),
    "conda packages": ("/opt/conda/pkgs", "~/miniconda3/pkgs", "/root/miniconda3/pkgs"),
    "poetry cache": ("~/.cache/pypoetry", "/root/.cache/pypoetry"),
    "apt lists": ("/var/lib/apt/lists",),
    "apt archives": ("/var/cache/apt/archives",),
    "dnf cache": ("/var/cache/dnf", "/var/cache/yum"),
    "apk cache": ("/var/cache/apk",),
    "npm cache": ("~/.npm", "/root/.npm"),
    "ccache": ("~/.ccache", "/root/.ccache"),
    "model cache": ("~/.cache/huggingface", "/root/.cache/huggingface", "~/.cache/torch"),
    "temporary files": ("/tmp", "/var/tmp"),
}
_COMPILERS = (
    *("cc", "gcc", "c++", "g++", "clang", "gfortran", "nvcc", "rustc", "cargo", "go"),
    *("make", "cmake", "ninja", "git", "curl", "wget"),
)
_LEAST_BYTES = 100000
_MOST_WALKED = 300000
_DEEPEST_SEARCH = 6
_MOST_VERSION_FOLDERS = 50
# Of the system, or too large to look for .git in.
_NOT_SEARCHED = frozenset(
    {"/proc", "/sys", "/dev", "/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/run"}
)


def probe_leftovers() -> Iterator[Record]:
    """A record for each cache and .git folder with its size; then compilers and the toolkit."""
    for kind, patterns in _CACHES.items():
        paths = dict.fromkeys(os.path.expanduser(path) for path in patterns)
        for path in paths:
            size = _tree_size(path)
            if size >= _LEAST_BYTES:
                yield _leftover(kind, path, size)
    for path in islice(_version_folders(), _MOST_VERSION_FOLDERS):
        yield _leftover("version control", path, _tree_size(path))
    for name in _COMPILERS:
        found = shutil.which(name)
        if found:
            yield {"kind": "tool", "name": name, "path": os.path.realpath(found)}
    toolkit = _toolkit()
    if toolkit is not None:
        yield toolkit


def _leftover(kind: str, path: str, size: int) -> Record:
    return {"kind": "leftover", "what": kind, "path": path, "size_bytes": size}


def _tree_size(path: str) -> int:
    """The bytes of the files below a folder; hard links once; of a very large one a part."""
    seen = set()
    total = walked = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                status = os.lstat(os.path.join(folder, name))
            except OSError:
                continue
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                total += status.st_size
        walked += len(names)
        if walked > _MOST_WALKED:
            break
    return total


def _version_folders() -> Iterator[str]:
    """The `.git` folders outside the system's own ones, not far below the root."""
    waiting: List[Tuple[str, int]] = [("/", 0)]
    walked = 0
    while waiting and walked < _MOST_WALKED:
        folder, depth = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        walked += len(entries)
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False) or entry.path in _NOT_SEARCHED:
                continue
            if entry.name in (".git", ".hg", ".svn"):
                yield entry.path
            elif depth < _DEEPEST_SEARCH and entry.name not in ("site-packages", "node_modules"):
                waiting.append((entry.path, depth + 1))


def _toolkit() -> Optional[Record]:
    """The CUDA toolkit outside the wheels: what its own files and nvcc say."""
    homes = [path for path in (os.environ.get("CUDA_HOME"), "/usr/local/cuda") if path]
    home = next((path for path in homes if os.path.isdir(path)), None)
    nvcc = shutil.which("nvcc") or (shutil.which("nvcc", path=home + "/bin") if home else None)
    if home is None and nvcc is None and not glob.glob("/usr/local/cuda-*"):
        return None
    headers = glob.glob("/usr/include/cudnn_version*.h") + glob.glob(f"{home}/include/cudnn_v*.h")
    return {
        "kind": "toolkit",
        "home": home,
        "version": _toolkit_version(home),
        "nvcc": _nvcc_version(nvcc),
        "headers": bool(home and os.path.isfile(home + "/include/cuda_runtime.h")),
        "cudnn_headers": next(filter(None, map(_cudnn_version, headers)), None),
    }


def _toolkit_version(home: Optional[str]) -> Optional[str]:
    """Of version.json (from CUDA 11 on) or version.txt."""
    for name, form in (
        ("version.json", r'"cuda"\s*:\s*\{[^}]*?"version"\s*:\s*"([\d.]+)"'),
        ("version.txt", r"CUDA Version ([\d.]+)"),
    ):
        match = re.search(form, _text(f"{home}/{name}"))
        if match:
            return match.group(1)
    real = re.search(r"/cuda-(\d+\.\d+)$", os.path.realpath(home or ""))
    return real.group(1) if real else None


def _nvcc_version(nvcc: Optional[str]) -> Optional[str]:
    if nvcc is None:
        return None
    ended = run_program([nvcc, "--version"], 10)
    match = re.search(r"release [\d.]+, V([\d.]+)", ended.out)
    return match.group(1) if match else None


def _cudnn_version(path: str) -> Optional[str]:
    values: Dict[str, str] = dict(re.findall(r"#define CUDNN_(\w+) (\d+)", _text(path)))
    parts = [values.get(name) for name in ("MAJOR", "MINOR", "PATCHLEVEL")]
    return ".".join(part for part in parts if part) if parts[0] else None


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(100000)
    except OSError:
        return ""
