"""Where the program uv is: beside the interpreter, else on PATH. The one module that knows uv."""

import os
import subprocess
import sys
from pathlib import Path

from mllint.errors import ConfigError

OLDEST = "0.9.8"
"""The first release that knows every word that it is called with: `--excludes` is the newest."""


class UvError(ConfigError):
    """That a uv cannot be used."""


def find_uv(asker: str) -> str:
    """The path of uv; raises ConfigError with how to get it. asker: what needs it."""
    beside = Path(sys.executable).with_name("uv")
    if beside.is_file() and os.access(beside, os.X_OK):
        return str(beside)
    import shutil

    try:
        from uv import find_uv_bin

        found: str | None = find_uv_bin()
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise ConfigError(f"{asker} needs uv: pip install 'mllint-docker[resolve]'")
    return found


def old_text(program: str, told: str) -> str:
    """The sentence about a uv that does not know a word, with how to get another one."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10)
        version = said.stdout.split()[1]
    except (OSError, IndexError, subprocess.TimeoutExpired):
        version = "of unknown version"
    if version == "of unknown version" or _is_older(version):
        return f"uv {version} ({program}) is too old, {OLDEST} is needed: pip install -U uv"
    return f"uv {version} ({program}) is not understood: {told.strip().splitlines()[0]}"


def _is_older(version: str) -> bool:
    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(".") if part.isdigit()]

    return numbers(version) < numbers(OLDEST)
