"""The text of a lock in, what it fixes out: uv.lock, poetry.lock, pdm.lock, Pipfile.lock, pylock.

Which of its packages a command installs is not decided here.
"""

import posixpath

from mllint.parse.locks.lock import Edge, Lock, LockedPackage
from mllint.parse.source import SourceFile

__all__ = ["Edge", "Lock", "LockedPackage", "read_lock"]


def read_lock(source: SourceFile) -> Lock:
    """The lock, its format told by its name; raises InputError, with file and line."""
    name = posixpath.basename(source.path)
    if name == "poetry.lock":
        from mllint.parse.locks.poetry import read_poetry_lock as read
    elif name == "pdm.lock":
        from mllint.parse.locks.pdm import read_pdm_lock as read
    elif name == "Pipfile.lock":
        from mllint.parse.locks.pipfile import read_pipfile_lock as read
    elif name == "uv.lock":
        from mllint.parse.locks.uv import read_uv_lock as read
    else:
        from mllint.parse.locks.pylock import read_pylock as read
    return read(source)
