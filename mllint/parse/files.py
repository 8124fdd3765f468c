"""A path in, the file's text out; the only gate by which mllint reads files of a project.

Lets nothing out of the project root, links followed included, and bounds what it reads. Knows no
file format.
"""

import os
import stat
import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from mllint.errors import InputError
from mllint.parse.source import DIGIT_LIMIT, SourceFile, long_number
from mllint.parse.source import decode as decode_bytes

SIZE_LIMIT_BYTES = 10 * 1024 * 1024
_ENTRY_LIMIT = 20_000
"""Names of one folder; what comes after them is not looked at."""
_OPEN_FLAGS = (
    # The path is resolved before: a link that takes its place in between is not followed, and a
    # pipe must not make the open wait for a writer.
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
)


class Files:
    """Reads the files of one project; each once.

    drafts: what to take instead of the content of a file, by its real path.
    """

    def __init__(
        self,
        root: Path,
        cwd: Path,
        allow_outside: bool = False,
        drafts: Mapping[str, bytes] | None = None,
    ) -> None:
        self.cwd = _absolute(cwd, Path.cwd())
        self.root = _absolute(root, self.cwd)
        self.allow_outside = allow_outside
        self._real_root = os.path.realpath(self.root)
        self.parsed: dict[Any, Any] = {}
        """What readers made of files, kept for the other Dockerfiles that use them."""
        self._drafts = drafts or {}
        self._read: dict[str, SourceFile] = {}
        self._folders: dict[str, str] = {}  # folder as asked for -> its real path
        self._modes: dict[str, int] = {}  # real path -> st_mode, 0 for what is not there

    def read(self, path: Path) -> SourceFile:
        """The text of `path`; raises InputError when it is no readable text of the project."""
        shown, real = self.show(path), self.real_path(path)
        source = self._read.get(real)
        if source is None:
            data = self._drafts.get(real)
            source = decode(shown, read_bytes(real, shown) if data is None else data)
            self._read[real] = source
        return source if source.path == shown else source._replace(path=shown)

    def real_path(self, path: Path) -> str:
        """The path, all links followed; raises InputError when it leads out of the project."""
        real = self._real_path(path)
        if real is None:
            raise InputError("is no path", self.show(path))
        if not self._holds(real):
            raise self.outside(path)
        return real

    def is_file(self, path: str | Path) -> bool:
        """Whether `path` is a regular file that may be read; a link counts as what it leads to."""
        return stat.S_ISREG(self._mode(path))

    def is_dir(self, path: str | Path) -> bool:
        """Whether `path` is a folder within the project."""
        return stat.S_ISDIR(self._mode(path))

    def _mode(self, path: str | Path) -> int:
        """The st_mode of what `path` leads to; 0 when there is nothing that may be read."""
        real = self._resolve(path)
        if real is None or not self._holds(real):
            return 0
        mode = self._modes.get(real)
        if mode is None:
            mode = self._modes[real] = _lstat_mode(real)
        return mode

    def children(self, path: Path) -> tuple[str, ...]:
        """The sorted names in a folder; () when it is none of the project or cannot be read."""
        return tuple(sorted(entry.name for entry in self.entries(path)))

    def entries(self, path: Path) -> list["os.DirEntry[str]"]:
        """What a folder holds, in no order; [] when it is none of the project, or unreadable."""
        try:
            return self.scan(path)
        except InputError:
            return []

    def scan(self, path: Path) -> list["os.DirEntry[str]"]:
        """As `entries`, but raises InputError when the folder cannot be read."""
        real = self._resolve(path)
        if real is None or not self._holds(real):
            return []
        try:
            with os.scandir(real) as found:
                return list(islice(found, _ENTRY_LIMIT))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise InputError(_refusal(error), self.show(path)) from None

    def inside(self, path: Path) -> bool:
        """Whether `path`, links followed, lies in the project, or --allow-outside was given."""
        real = self._resolve(path)
        return real is not None and self._holds(real)

    def outside(self, path: Path) -> InputError:
        """What to raise about a path that leads out of the project."""
        message = "is outside the project; --allow-outside reads it all the same"
        return InputError(message, self.show(path))

    def absolute(self, path: str | Path) -> Path:
        """The absolute path of one as shown: relative to the working folder."""
        return _absolute(Path(path), self.cwd)

    def show(self, path: Path) -> str:
        """How `path` is written in every output."""
        return show(path, self.cwd, self.root)

    def _real_path(self, path: Path) -> str | None:
        """The path with all links followed; None for what can be no path (a NUL character)."""
        try:
            return os.path.realpath(self.absolute(path))
        except (ValueError, OSError):
            return None

    def _resolve(self, path: str | Path) -> str | None:
        """The same, each folder followed once: most questions are about names of one folder."""
        folder, name = os.path.split(os.fspath(path))
        if name in ("", ".", ".."):
            folder, name = os.fspath(path), ""
        if "\0" in name:
            return None
        try:
            real = self._folders.get(folder)
            if real is None:
                real = os.path.realpath(self.absolute(folder))
                self._folders[folder] = real
            if not name:
                return real
            found = f"{real.rstrip(os.sep)}{os.sep}{name}"
            return os.path.realpath(found) if stat.S_ISLNK(_lstat_mode(found)) else found
        except (ValueError, OSError):
            return None

    def _holds(self, real: str) -> bool:
        root = self._real_root
        return self.allow_outside or real == root or real.startswith(root.rstrip(os.sep) + os.sep)


def _lstat_mode(path: str) -> int:
    """The st_mode of `path` itself; 0 when there is nothing."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def decode(shown: str, data: bytes) -> SourceFile:
    """The text that `data` holds; raises InputError when it is too long or no text."""
    if len(data) > SIZE_LIMIT_BYTES:
        raise InputError(f"is larger than {SIZE_LIMIT_BYTES // 1024**2} MiB", shown)
    text, encoding, invalid = decode_bytes(data)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError("is not a text file: this line holds a NUL character", shown, line)
    offset = long_number(text)
    if offset is not None:
        line = text.count("\n", 0, offset) + 1
        raise InputError(f"holds a number of more than {DIGIT_LIMIT:,} digits", shown, line)
    return SourceFile(shown, text, invalid, encoding.startswith(("utf-16", "utf-32")))


def show(path: Path, cwd: Path, root: Path | None = None) -> str:
    """`path` with `/`, relative to `cwd`; absolute when neither `cwd` nor `root` is above it."""
    absolute = _absolute(path, cwd)
    if absolute.is_relative_to(cwd):
        return absolute.relative_to(cwd).as_posix()
    if root is None:
        root = project_root(absolute, cwd)
    if absolute.is_relative_to(root) and cwd.is_relative_to(root):
        return Path(os.path.relpath(absolute, cwd)).as_posix()
    return absolute.as_posix()


def project_root(path: Path, cwd: Path) -> Path:
    """The nearest folder at or above `path` with a `.git`.

    Without one, `cwd` when `path` is below it, else the folder itself or that of the file.
    """
    absolute = _absolute(path, cwd)
    try:
        folder = absolute if absolute.is_dir() else absolute.parent
        for above in (folder, *folder.parents):
            if os.path.lexists(above / ".git"):
                return above
    except (ValueError, OSError):
        return cwd
    return cwd if absolute.is_relative_to(cwd) else folder


def _absolute(path: Path, cwd: Path) -> Path:
    """`path` from `cwd`, `..` taken out by name: `link/../a` is `a`."""
    return Path(os.path.normpath(cwd / path))


def read_bytes(real: str, shown: str) -> bytes:
    """Up to one byte more than the limit of a regular file; raises InputError for all else."""
    try:
        descriptor = os.open(real, _OPEN_FLAGS)
        with os.fdopen(descriptor, "rb") as stream:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISDIR(mode):
                raise InputError("is a folder", shown)
            if not stat.S_ISREG(mode):
                raise InputError("is not a regular file", shown)
            return stream.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise InputError(_refusal(error), shown) from None


def _refusal(error: OSError) -> str:
    """What to say of a file or folder that the system does not open."""
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    if isinstance(error, NotADirectoryError):
        return "does not exist: a part of its path is a file"
    if isinstance(error, IsADirectoryError):
        return "is a folder"
    if isinstance(error, PermissionError):
        return "may not be read: permission denied"
    # A loop of links, a socket, a name too long.
    return f"cannot be read: {(error.strerror or 'error').lower()}"


def read_standard_input() -> bytes:
    """What stands on standard input, up to one byte more than the limit."""
    return sys.stdin.buffer.read(SIZE_LIMIT_BYTES + 1)
