"""A created container and the path of a program in, whether it is there and may be run, out.

The container need not be started: what cannot be started because its image lacks the program is
no fault of the engine, and the words that an engine has for that are many.
"""

import contextlib
import posixpath
import tarfile
import time
from urllib.parse import quote

from mllint.verify.engines.archives import first_entry
from mllint.verify.engines.containers import Container
from mllint.verify.engines.engine import CALL_TIMEOUT_S
from mllint.verify.engines.failures import Refused

_MOST_LINKS = 8


def has_program(made: Container, path: str) -> bool:
    """Whether there is a file at that path that may be run; links are followed."""
    for _ in range(_MOST_LINKS):
        entry = _entry(made, path)
        if entry is None or not entry.issym():
            return entry is not None and entry.isreg() and bool(entry.mode & 0o111)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.linkname))
    return False


def _entry(made: Container, path: str) -> tarfile.TarInfo | None:
    """What the engine packs of the path; None where it is not. Folders above it may be links."""
    where = f"/containers/{made.id}/archive?path={quote(path)}"
    deadline = time.monotonic() + CALL_TIMEOUT_S
    pieces = made.engine.stream("looking for a program", "GET", where, deadline)
    with contextlib.closing(pieces):
        try:
            return first_entry(pieces)
        except Refused:
            return None
