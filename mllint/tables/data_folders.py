"""The name of a database's image in, the folder in which it keeps its data, out."""

from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from mllint.tables.rows import read_rows


class DataFolders(NamedTuple):
    """Where an image keeps its data; the folder of `moved_by` counts instead where it is set."""

    image: str
    folders: tuple[str, ...]
    moved_by: str | None


class DataFolderTable:
    """data_folders.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _rows(self) -> dict[str, DataFolders]:
        rows = read_rows(self._folder / "data_folders.csv", DataFolders)
        return {row.image: row for row in rows}

    def find(self, image: str) -> DataFolders | None:
        """The row of an image; None when it is no database that the table knows."""
        return self._rows.get(image)
