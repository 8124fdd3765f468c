"""A file or folder of this machine in, a copy of it as a tar out: owners and modes as they are.

Never more than a part of a large one: what is nearest to the top comes first. Follows no link.
"""

import io
import os
import shutil
import stat
import tarfile
from collections import deque
from itertools import islice
from pathlib import Path

from mllint.named_tuple import NamedTuple

MOST_BYTES = 32_000_000
MOST_ENTRIES = 2_000
"""Of one mount: code and configuration fit, and a part of data shows as much as all of it."""


class HostCopy(NamedTuple):
    """A tar whose first entry is the file or folder itself; whole: nothing of it is left out.

    owner: `1000:1000`; mode: the bits. absent: it is not there, and Compose would make it.
    """

    tree: bytes
    whole: bool
    owner: str
    mode: int
    is_file: bool = False
    absent: bool = False


def copy_of(path: Path, place: str, most_bytes: int = MOST_BYTES) -> HostCopy:
    """The copy, to be unpacked so that it stands at `place`; raises OSError.

    Of a folder that is not there, what Compose makes in its place: an empty one of root's.
    """
    name = place.strip("/") or "."
    tree, most_bytes = io.BytesIO(), min(most_bytes, MOST_BYTES)
    with tarfile.open(fileobj=tree, mode="w", format=tarfile.PAX_FORMAT) as archive:
        try:
            top = path.stat()
        except FileNotFoundError:
            archive.addfile(_entry(name, None))
            absent = True
        else:
            absent, whole = False, True
            if stat.S_ISREG(top.st_mode):
                whole = _add_file(archive, name, path, top, most_bytes) is not None
            else:
                archive.addfile(_entry(name, top))
                whole = _fill(archive, name, path, most_bytes)
    if absent:
        return HostCopy(tree.getvalue(), True, "0:0", 0o755, absent=True)
    owner, mode = f"{top.st_uid}:{top.st_gid}", stat.S_IMODE(top.st_mode)
    return HostCopy(tree.getvalue(), whole, owner, mode, is_file=stat.S_ISREG(top.st_mode))


def _fill(archive: tarfile.TarFile, name: str, folder: Path, left: int) -> bool:
    """Add what the folder holds, its own files first; whether that is all of it."""
    waiting = deque([(name, folder)])
    entries, whole = 0, True
    while waiting:
        inside, current = waiting.popleft()
        children = _children(current)
        whole = whole and children is not None
        for child in children or ():
            try:
                status = child.stat(follow_symlinks=False)
            except FileNotFoundError:  # removed since it was listed
                continue
            kind, place = stat.S_IFMT(status.st_mode), f"{inside}/{child.name}"
            if entries >= MOST_ENTRIES:
                return False
            entries += 1
            if kind == stat.S_IFREG:
                added = _add_file(archive, place, Path(child.path), status, left)
                whole, left = whole and added is not None, left - (added or 0)
            elif kind == stat.S_IFLNK:
                link = _entry(place, status)
                link.type, link.linkname = tarfile.SYMTYPE, str(Path(child.path).readlink())
                archive.addfile(link)
            elif kind == stat.S_IFDIR:
                archive.addfile(_entry(place, status))
                waiting.append((place, Path(child.path)))
            else:
                whole = False  # a socket, a device
    return whole


def is_of_kernel(path: Path) -> bool:
    """Whether it lies in a file system that holds no bytes, as /proc and /sys.

    Reading there may wait for ever (/proc/kmsg), or change the machine.
    """
    try:
        return shutil.disk_usage(path).total == 0
    except (OSError, ValueError):  # a NUL character
        return False


def _children(folder: Path) -> list["os.DirEntry[str]"] | None:
    """What stands in a folder; None where it is not to be read."""
    if folder.is_mount() and is_of_kernel(folder):
        return None
    try:
        with os.scandir(folder) as found:
            return sorted(islice(found, 10 * MOST_ENTRIES), key=lambda entry: entry.name)
    except (PermissionError, FileNotFoundError):
        return None


def _add_file(
    archive: tarfile.TarFile, name: str, path: Path, status: os.stat_result, limit: int
) -> int | None:
    """Add a file, and tell its bytes; None where it does not fit or cannot be read."""
    if status.st_size > limit:
        return None
    try:
        with path.open("rb") as stream:
            data = stream.read(status.st_size)  # it may grow while it is read
    except OSError:
        return None
    entry = _entry(name, status)
    entry.type, entry.size = tarfile.REGTYPE, len(data)
    archive.addfile(entry, io.BytesIO(data))
    return len(data)


def _entry(name: str, status: os.stat_result | None) -> tarfile.TarInfo:
    """A folder's entry; of root's where there is no status."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    if status is not None:
        entry.mode, entry.mtime = stat.S_IMODE(status.st_mode), int(status.st_mtime)
        entry.uid, entry.gid = status.st_uid, status.st_gid
    return entry
