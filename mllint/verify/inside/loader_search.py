"""The name of a shared library in, whether the dynamic loader finds it out, as `ld.so(8)` says."""

import glob
import os
import struct
import sys
from typing import Dict, Iterator, List, Optional, Set

from .elf import SharedObject, read_shared_object

_CACHE_MAGIC = b"glibc-ld.so.cache1.1"
_CACHE_HEADER = 48
_CACHE_ENTRY = 24
_MOST_CACHE = 50000000
_DEFAULT = ("/lib", "/usr/lib", "/lib64", "/usr/lib64")
_MUSL_DEFAULT = ("/lib", "/usr/local/lib", "/usr/lib")


class LoaderSearch:
    """Where the loader of this container looks, read once."""

    def __init__(self) -> None:
        own = read_shared_object(os.path.realpath(sys.executable))
        self.machine = own.machine if own else None
        self._musl = bool(glob.glob("/lib/ld-musl-*"))
        self._cache = set() if self._musl else _cached_names()
        self._variable = [f for f in os.environ.get("LD_LIBRARY_PATH", "").split(":") if f]
        self._default = list(_musl_folders() if self._musl else _default_folders())
        # An RPATH of the program counts for all that it loads: conda's python has one.
        origin = os.path.dirname(os.path.realpath(sys.executable))
        self._program = [_expanded(f, origin) for f in own.rpath] if own and not own.runpath else []
        self._there: Dict[str, Set[str]] = {}

    def finds(self, name: str, path: str, wanting: SharedObject) -> bool:
        """Whether the library `name` is found for the file at `path`, which needs it."""
        if "/" in name:
            return os.path.exists(name)
        origin = os.path.dirname(os.path.realpath(path))
        own = [_expanded(folder, origin) for folder in (*wanting.rpath, *wanting.runpath)]
        folders = [*own, *self._program, *self._variable]
        return (
            any(name in self._names(folder) for folder in folders)
            or name in self._cache
            or any(name in self._names(folder) for folder in self._default)
        )

    def _names(self, folder: str) -> Set[str]:
        """What lies in a folder."""
        if folder not in self._there:
            try:
                self._there[folder] = set(os.listdir(folder))
            except OSError:
                self._there[folder] = set()
        return self._there[folder]


def _expanded(folder: str, origin: str) -> str:
    for form in ("$ORIGIN", "${ORIGIN}"):
        folder = folder.replace(form, origin)
    return os.path.normpath(folder)


def _cached_names() -> Set[str]:
    """The names in /etc/ld.so.cache; none where it is not there or in a form of old."""
    try:
        with open("/etc/ld.so.cache", "rb") as file:
            data = file.read(_MOST_CACHE)
    except OSError:
        return set()
    start = data.find(_CACHE_MAGIC)
    data = data[start:]
    if start < 0 or len(data) < _CACHE_HEADER:
        return set()
    count = struct.unpack_from("=I", data, len(_CACHE_MAGIC))[0]
    names = set()
    for place in range(_CACHE_HEADER, _CACHE_HEADER + count * _CACHE_ENTRY, _CACHE_ENTRY):
        if place + _CACHE_ENTRY > len(data):
            break
        key = struct.unpack_from("=I", data, place + 4)[0]
        end = data.find(b"\0", key)
        names.add(data[key:end].decode("utf-8", "replace"))
    return names


def _default_folders() -> Iterator[str]:
    """The folders that the loader of glibc looks into without a cache; Debian's and others'."""
    for folder in _DEFAULT:
        yield folder
        yield from glob.glob(folder + "/*-linux-gnu*")


def _musl_folders() -> Iterator[str]:
    for path in glob.glob("/etc/ld-musl-*.path"):
        text = _text(path)
        if text is not None:
            yield from text.replace(":", "\n").split()
            return
    yield from _MUSL_DEFAULT


def _text(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(100000)
    except OSError:
        return None


def configured_folders() -> List[str]:
    """The folders that /etc/ld.so.conf.d names, the variable's and the default ones."""
    found = [f for f in os.environ.get("LD_LIBRARY_PATH", "").split(":") if f]
    for path in ["/etc/ld.so.conf", *sorted(glob.glob("/etc/ld.so.conf.d/*.conf"))[:200]]:
        lines = (line.partition("#")[0].strip() for line in (_text(path) or "").split("\n"))
        found += [line for line in lines if line.startswith("/")]
    return list(dict.fromkeys([*found, *_default_folders()]))
