"""What a probe found in, one record of limited size out: a line of JSON behind a token."""

import json
import os
from typing import Any, Dict, List

Record = Dict[str, Any]

LONGEST_TEXT = 600
MOST_ITEMS = 400
# Engines keep the end of a container's output, and write each quote of it as two characters.
MOST_BYTES = 700000
_DEEPEST = 6


def clipped(value: object, depth: int = 0) -> Any:
    """The value as JSON can hold it: texts and lists cut off, all else turned into text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if abs(value) < 1e300 else None  # NaN and infinity are not JSON
    if isinstance(value, dict) and depth < _DEEPEST:
        items = list(value.items())[:MOST_ITEMS]
        return {str(key)[:LONGEST_TEXT]: clipped(inner, depth + 1) for key, inner in items}
    if isinstance(value, (list, tuple, set, frozenset)) and depth < _DEEPEST:
        return [clipped(inner, depth + 1) for inner in list(value)[:MOST_ITEMS]]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return str(value)[:LONGEST_TEXT]


def encoded(record: Record) -> bytes:
    """The record as one line of ASCII, without its end."""
    return json.dumps(clipped(record), allow_nan=False).encode("ascii")


def write_all(handle: int, data: bytes) -> None:
    """All of `data` into a file descriptor."""
    while data:
        data = data[os.write(handle, data) :]


class Writer:
    """Writes records to a descriptor, and stops after as many as a reader takes."""

    def __init__(self, handle: int, token: str, most: int) -> None:
        self._handle = handle
        self._token = token.encode("ascii")
        self._left = most
        self._left_bytes = MOST_BYTES
        self._written = 0
        self._full = False

    def write(self, record: Record) -> None:
        """One record on a line of its own, also behind a line that has no end."""
        data = b"\n" + self._token + b" " + encoded(record) + b"\n"
        self._full = self._full or self._left <= 0 or len(data) > self._left_bytes
        if not self._full:
            self._left -= 1
            self._left_bytes -= len(data)
            self._written += 1
            write_all(self._handle, data)

    def close(self) -> None:
        """The last record: how many came before it, and whether some were left out."""
        end = {"kind": "end", "records": self._written, "full": self._full}
        write_all(self._handle, b"\n" + self._token + b" " + encoded(end) + b"\n")


def last_line(text: str) -> str:
    """The last line of a text that holds anything."""
    lines: List[str] = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
