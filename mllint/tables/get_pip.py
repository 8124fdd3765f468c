"""Old Python releases in, the get-pip script that still serves each, out."""

from functools import cached_property
from pathlib import Path

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, read_rows


class GetPipScript(NamedTuple):
    """A Python that the current get-pip.py refuses, and the address of the script kept for it."""

    python: Version
    url: str
    confidence: Confidence


class GetPipTable:
    """get_pip_scripts.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _scripts(self) -> dict[Version, GetPipScript]:
        rows = read_rows(self._folder / "get_pip_scripts.csv", GetPipScript)
        return {row.python: row for row in rows}

    def script_for(self, python: Version) -> GetPipScript | None:
        """The script for a Python that the current one refuses; None when it may serve it."""
        return self._scripts.get(Version(f"{python.major}.{python.minor}"))
