"""The pieces of a tar in, as an engine sends it, its first entry out; the rest is not read."""

import io
import tarfile
from collections.abc import Iterator
from typing import Any


def first_entry(pieces: Iterator[bytes]) -> tarfile.TarInfo | None:
    """The head of the first entry; None for what is no tar."""
    try:
        with tarfile.open(fileobj=io.BufferedReader(_Reader(pieces)), mode="r|") as archive:
            return archive.next()
    except tarfile.TarError:
        return None


def first_file(pieces: Iterator[bytes], limit_bytes: int) -> bytes | None:
    """The begin of the first file; None when the tar begins with something else."""
    try:
        with tarfile.open(fileobj=io.BufferedReader(_Reader(pieces)), mode="r|") as archive:
            entry = archive.next()
            stream = archive.extractfile(entry) if entry is not None and entry.isreg() else None
            return stream.read(limit_bytes) if stream is not None else None
    except tarfile.TarError:
        return None


class _Reader(io.RawIOBase):
    """A stream of pieces as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the standard library's own
        self._rest = self._rest or next(self._pieces, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
