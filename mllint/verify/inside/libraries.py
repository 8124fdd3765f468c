"""The shared objects of the site folders in, the libraries that they want and do not find out.

Also every CUDA library of the image, with its size: the packages' own and the system's.
"""

import glob
import os
import sys
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from .distributions import find_distributions, site_folders
from .elf import SharedObject, read_shared_object
from .loaded_libraries import CUDA_LIBRARY
from .loader_search import LoaderSearch, configured_folders
from .records import Record

_MOST_FILES = 30000
_MOST_WALKED = 1000000
_TOOLKIT = ("/usr/local/cuda*/lib64", "/usr/local/cuda*/targets/*/lib", "/opt/nvidia/lib*")


class _Found(NamedTuple):
    """A shared object of the site folders, and the distribution that it belongs to."""

    path: str
    owner: Optional[str]
    content: SharedObject


def probe_libraries() -> Iterator[Record]:
    """A record for each library that a distribution misses, and one for each CUDA library."""
    paths = list(_object_paths())
    owners = _owners()
    yield from _missing(paths, owners)
    yield from _cuda_libraries(paths, owners)


def _object_paths() -> Iterator[str]:
    """The shared objects in the site folders: `_C.so`, `libcudart.so.12`."""
    walked = found = 0
    for site in site_folders():
        for folder, _, names in os.walk(site):
            walked += len(names)
            for name in names:
                if name.endswith(".so") or ".so." in name:
                    found += 1
                    yield os.path.join(folder, name)
            if walked > _MOST_WALKED or found > _MOST_FILES:
                return


def _owners() -> Dict[str, str]:
    """Path of a shared object -> the distribution that lists it."""
    found: Dict[str, str] = {}
    for distribution in find_distributions():
        for name, _ in distribution.files:
            if name.endswith(".so") or ".so." in name:
                path = os.path.normpath(os.path.join(distribution.site, name))
                found.setdefault(path, distribution.key)
    return found


def _missing(paths: List[str], owners: Dict[str, str]) -> Iterator[Record]:
    search = LoaderSearch()
    objects: List[_Found] = []
    for path in paths:
        content = read_shared_object(path)
        # A package may carry files for other processors.
        if content is not None and search.machine in (None, content.machine):
            objects.append(_Found(path, owners.get(path), content))
    # Torch loads its own libraries first, and those of its friends then find them by name.
    within = {os.path.basename(path) for path in paths}
    within.update(found.content.soname or "" for found in objects)
    wanting: Dict[Tuple[str, str], List[str]] = {}
    for found in objects:
        for name in found.content.needed:
            if name not in within and not search.finds(name, found.path, found.content):
                wanting.setdefault((found.owner or "", name), []).append(found.path)
    for (owner, name), files in wanting.items():
        yield {
            "kind": "missing_library",
            "library": name,
            "owner": owner or None,
            "files": files[:3],
            "file_count": len(files),
        }


def _cuda_libraries(paths: List[str], owners: Dict[str, str]) -> Iterator[Record]:
    """Each file once, whatever links lead to it, under the longest of its names."""
    files: Dict[Tuple[int, int], Record] = {}
    for path in (*paths, *_system_paths()):
        match = CUDA_LIBRARY.match(os.path.basename(path))
        if match is None or "/stubs/" in path:
            continue
        try:
            status = os.stat(path)
        except OSError:
            continue
        version = match.group("version").strip(".")
        known = files.get((status.st_dev, status.st_ino))
        if known is None or len(version) > len(known["version"]):
            files[(status.st_dev, status.st_ino)] = {
                "kind": "cuda_library",
                "name": match.group("stem"),
                "version": version,
                "path": path,
                "size_bytes": status.st_size,
                "owner": owners.get(path) or (known["owner"] if known else None),
            }
    yield from files.values()


def _system_paths() -> Iterator[str]:
    folders = [*configured_folders(), os.path.join(sys.prefix, "lib")]
    folders += [folder for pattern in _TOOLKIT for folder in glob.glob(pattern)]
    for folder in dict.fromkeys(map(os.path.realpath, folders)):
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        yield from (os.path.join(folder, name) for name in names if ".so" in name)
