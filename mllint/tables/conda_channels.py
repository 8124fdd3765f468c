"""Conda channels that have ended in, the last release of each package there, out."""

from functools import cached_property
from pathlib import Path

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, read_rows


class EndedPackage(NamedTuple):
    """A package of a channel that takes no releases any more, and its last version there."""

    channel: str
    package: str
    newest: Version
    confidence: Confidence


class CondaChannelTable:
    """conda_channels.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _ended(self) -> dict[tuple[str, str], EndedPackage]:
        rows = read_rows(self._folder / "conda_channels.csv", EndedPackage)
        return {(row.channel, row.package): row for row in rows}

    def ended(self, channel: str, package: str) -> EndedPackage | None:
        """The end of the package on that channel; None when it may go on."""
        return self._ended.get((channel, package))
