"""The name and tag of a database's image in, the folder in which it keeps its data, out."""

from functools import cached_property
from pathlib import Path

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.tables.rows import read_rows

_MAJOR = lazy(r"(?:.*-)?pg(?P<pg>\d+)(?:-.*)?|v?(?P<number>\d+)(?:[.-].*)?")


class DataFolder(NamedTuple):
    """Where an image keeps its data, from one major release on (None: from the first).

    The folder that the variable `moved_by` names counts instead where it is set.
    """

    image: str
    first_major: int | None
    folder: str
    moved_by: str | None


class DataFolderTable:
    """data_folders.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _rows(self) -> dict[str, list[DataFolder]]:
        found: dict[str, list[DataFolder]] = {}
        for row in read_rows(self._folder / "data_folders.csv", DataFolder):
            found.setdefault(row.image, []).append(row)
        return found

    def find(self, image: str, tag: str | None) -> DataFolder | None:
        """The row of an image; None when the table, or the tag, does not tell it."""
        rows = self._rows.get(image, [])
        if len(rows) < 2:
            return rows[0] if rows else None
        match = _MAJOR.fullmatch(tag) if tag is not None else None
        if match is None:
            return None
        major = int(match["pg"] or match["number"])
        return [row for row in rows if (row.first_major or 0) <= major][-1]
