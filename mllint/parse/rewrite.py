"""New content for a file in, the file on the disk replaced as a whole or not at all.

Knows no file format; that the path lies in the project was asked of the gate in files.py before.
"""

import os
import stat
import tempfile
from contextlib import suppress

from mllint.errors import InputError
from mllint.parse.files import read_bytes


def replace_file(real: str, shown: str, data: bytes, expected: bytes | None = None) -> None:
    """Write `data` to the file at `real`, a path without links; its mode stays.

    expected: what the file has to hold now. Raises InputError when it holds something else, or
    when it cannot be written; the file is then as it was.
    """
    if expected is not None and read_bytes(real, shown) != expected:
        raise InputError("was changed by something else meanwhile; it is left as it is", shown)
    folder, name = os.path.split(real)
    draft = ""
    try:
        descriptor, draft = tempfile.mkstemp(prefix=f".{name[:100]}.", suffix=".mllint", dir=folder)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(draft, _mode(real))  # noqa: PTH101 - `real` is a string everywhere
        os.replace(draft, real)  # noqa: PTH105
    except OSError as error:
        if draft:
            with suppress(OSError):
                os.unlink(draft)  # noqa: PTH108
        raise InputError(f"cannot be written: {error.strerror}", shown) from error


def _mode(real: str) -> int:
    """The permissions of the file, or those of a new one."""
    try:
        return stat.S_IMODE(os.stat(real).st_mode)  # noqa: PTH116
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
