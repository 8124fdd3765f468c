"""Nothing in, a folder that only this user may enter out; it is removed at the end of a block.

As tempfile makes it, without the three milliseconds that importing that takes in a short run.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

_VARIABLES = ("TMPDIR", "TEMP", "TMP")


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder of mode 0700; raises OSError where none can be made."""
    folder = _place(os.environ) / f"mllint-{os.urandom(8).hex()}"
    folder.mkdir(mode=0o700)  # an error where it is there already
    try:
        yield folder
    finally:
        _remove(folder)


def _place(environ: Mapping[str, str]) -> Path:
    named = [environ.get(name) for name in _VARIABLES]
    for name in (*filter(None, named), "/tmp", "/var/tmp"):
        if os.access(name, os.W_OK | os.X_OK):
            return Path(name).absolute()
    return Path.cwd()


def _remove(folder: Path) -> None:
    """Remove the folder with all that is in it, as far as that can be."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                _remove(path)
            else:
                path.unlink()
        folder.rmdir()
