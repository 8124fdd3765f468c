"""A folder and its .dockerignore in, the build context as the bytes of a tar out, piece by piece.

For builders that take the context from us; the docker CLI reads the folder itself. Follows no
link, and holds one piece in memory.
"""

import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

from mllint.errors import InputError
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerignore import Dockerignore, parse_dockerignore

_PIECE_BYTES = 256 * 1024
_IGNORE = ".dockerignore"
_OUTSIDE = ".dockerfile.mllint"
"""Where a Dockerfile from outside the context stands in the tar."""


class BuildContext(NamedTuple):
    """What a builder gets: the folder, what of it stays away, and the Dockerfile.

    ignore_text: of .dockerignore, "" when there is none. dockerfile: its path in the tar.
    dockerfile_text: its bytes.
    """

    folder: Path
    ignore_text: str
    dockerfile: str
    dockerfile_text: bytes

    @property
    def ignore(self) -> Dockerignore:
        """The patterns; raises InputError for one that builders refuse."""
        parsed = parse_dockerignore(self.ignore_text)
        if parsed.bad:
            message = "is no pattern that a builder reads"
            raise InputError(message, str(self.folder / _IGNORE), parsed.bad[0])
        return parsed

    def size_bytes(self) -> int:
        """How much the builder gets, without the headers of the tar."""
        return sum(entry.size for entry in self._entries())

    def tar(self) -> Iterator[bytes]:
        """The tar; raises InputError for a file that cannot be read."""
        ignore_text = self.ignore_text
        if self.dockerfile == _OUTSIDE:
            ignore_text = f"{ignore_text or _IGNORE}\n{_OUTSIDE}\n"
        # The builder takes both away again before it copies, where the patterns say so.
        if ignore_text:
            yield from _text_entry(_IGNORE, ignore_text.encode())
        yield from _text_entry(self.dockerfile, self.dockerfile_text)
        for entry in self._entries():
            if entry.name not in (_IGNORE if ignore_text else None, self.dockerfile):
                yield from _file_entry(entry)
        yield bytes(2 * tarfile.BLOCKSIZE)

    def _entries(self) -> Iterator["_Entry"]:
        ignore = self.ignore
        waiting = [""]
        while waiting:
            below = waiting.pop()
            for found in _children(self.folder / below):
                name = f"{below}/{found.name}" if below else found.name
                status = found.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode) and not ignore.excluded_with_contents(name):
                    waiting.append(name)
                known = stat.S_IFMT(status.st_mode) in (stat.S_IFDIR, stat.S_IFREG, stat.S_IFLNK)
                if known and not ignore.excluded(name):
                    yield _Entry(name, Path(found.path), status)


def read_context(folder: Path, dockerfile: Path | None, text: bytes) -> BuildContext:
    """The context of a Dockerfile (None: from standard input) whose bytes are `text`.

    Of two .dockerignore files the one named after the Dockerfile counts.
    """
    inside = None
    if dockerfile is not None and dockerfile.resolve().is_relative_to(folder.resolve()):
        inside = dockerfile.resolve().relative_to(folder.resolve()).as_posix()
    candidates = [folder / _IGNORE]
    if dockerfile is not None:
        candidates.insert(0, dockerfile.with_name(f"{dockerfile.name}{_IGNORE}"))
    for candidate in candidates:
        try:
            ignore_text = candidate.read_text(encoding="utf-8-sig", errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise _unreadable(candidate, error) from None
        return BuildContext(folder, ignore_text, inside or _OUTSIDE, text)
    return BuildContext(folder, "", inside or _OUTSIDE, text)


class _Entry(NamedTuple):
    name: str
    path: Path
    status: os.stat_result

    @property
    def size(self) -> int:
        return self.status.st_size if stat.S_ISREG(self.status.st_mode) else 0


def _children(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise _unreadable(folder, error) from None


def _unreadable(path: Path, error: OSError) -> InputError:
    reason = (error.strerror or "error").lower()
    return InputError(f"cannot be read for the build context: {reason}", str(path))


def _text_entry(name: str, data: bytes) -> Iterator[bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o644
    yield _header(info)
    yield data + bytes(-len(data) % tarfile.BLOCKSIZE)


def _file_entry(entry: _Entry) -> Iterator[bytes]:
    """The header and content; owned by root, as every builder has it."""
    info = tarfile.TarInfo(entry.name)
    info.mode = stat.S_IMODE(entry.status.st_mode)
    info.mtime = int(entry.status.st_mtime)
    try:
        if stat.S_ISDIR(entry.status.st_mode):
            info.type = tarfile.DIRTYPE
            yield _header(info)
        elif stat.S_ISLNK(entry.status.st_mode):
            info.type, info.linkname = tarfile.SYMTYPE, str(entry.path.readlink())
            yield _header(info)
        else:
            info.size = entry.size
            yield from _content(entry, info)
    except OSError as error:
        raise _unreadable(entry.path, error) from None


def _content(entry: _Entry, info: tarfile.TarInfo) -> Iterator[bytes]:
    with entry.path.open("rb") as stream:
        yield _header(info)
        left = info.size
        while left:
            piece = stream.read(min(left, _PIECE_BYTES))
            if not piece:
                raise InputError("became shorter while it was read", str(entry.path))
            left -= len(piece)
            yield piece
    yield bytes(-info.size % tarfile.BLOCKSIZE)


def _header(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
