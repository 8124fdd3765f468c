"""A CSV file of `rules/tables` and a named tuple in, a tuple of its instances out.

The class is the schema: its fields name the columns in their order, their annotations say how
a cell is read. Knows no table.
"""

import csv
from collections.abc import Callable, KeysView
from enum import Enum, EnumType
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Generic, TypeVar, get_args

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.errors import TableError

Row = TypeVar("Row")


class Confidence(Enum):
    """How sure a row is: LOW alone carries no error, and no claim that something is absent."""

    HIGH = "high"  # read in a document or in package metadata
    MEDIUM = "medium"  # follows from one, or is well-known
    LOW = "low"


def read_rows(path: Path, row: type[Row]) -> tuple[Row, ...]:
    """The rows of `path` as instances of the class `row`.

    Raises TableError, with file and line, for another header and for a cell that does not fit.
    """
    make = _maker(path, row)
    return tuple(make(number, cells) for number, cells in _read_cells(path, row))


class RowGroups(Generic[Row]):
    """The rows of a long table by their first cell; those of one are made when asked for.

    Raises TableError as `read_rows` does, for a cell that does not fit when its group is made.
    """

    def __init__(self, path: Path, row: type[Row]) -> None:
        self._make = _maker(path, row)
        self._names = _columns(row)
        self._cells: dict[str, list[tuple[int, list[str]]]] = {}
        for number, cells in _read_cells(path, row):
            self._cells.setdefault(cells[0] if cells else "", []).append((number, cells))
        self._made: dict[str, tuple[Row, ...]] = {}

    @property
    def keys(self) -> KeysView[str]:
        """The first cells, in the order of the rows."""
        return self._cells.keys()

    def rows(self, key: str) -> tuple[Row, ...]:
        """The rows that begin with `key`, in their order; none when there is no such row."""
        if key not in self._made:
            made = (self._make(number, cells) for number, cells in self._cells.get(key, ()))
            self._made[key] = tuple(made)
        return self._made[key]

    def first(self, key: str) -> Row | None:
        """The row that begins with `key`; None when there is no such row."""
        return next(iter(self.rows(key)), None)

    def texts(self, column: str) -> frozenset[str]:
        """What stands in the cells of a column, as text."""
        place = self._names.index(column)
        rows = (cells for group in self._cells.values() for _, cells in group)
        return frozenset(cells[place] for cells in rows if len(cells) > place)


def _columns(row: type[Row]) -> list[str]:
    return list(row.__annotations__)


def _maker(path: Path, row: type[Row]) -> Callable[[int, list[str]], Row]:
    """What makes a row of the cells of one line."""
    readers = [_cell_reader(annotation) for annotation in row.__annotations__.values()]

    def make(number: int, cells: list[str]) -> Row:
        try:
            return row(*(read(cell) for read, cell in zip(readers, cells, strict=True)))
        except ValueError as error:
            raise TableError(str(error), str(path), number) from error

    return make


def _read_cells(path: Path, row: type[Row]) -> list[tuple[int, list[str]]]:
    """The number and the cells of each line below the header."""
    names = _columns(row)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            if next(lines, None) != names:
                raise TableError(f"the header is not {','.join(names)}", str(path), 1)
            return [(lines.line_num, cells) for cells in lines]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"cannot be read: {error}", str(path)) from error


def _text(cell: str) -> str:
    if not cell:
        raise ValueError("an empty cell where a value is needed")
    return cell


def _optional_text(cell: str) -> str | None:
    return cell or None


def _words(cell: str) -> tuple[str, ...]:
    return tuple(cell.split())


def _versions(cell: str) -> tuple[Version, ...]:
    return tuple(map(Version, cell.split()))


def _yes_or_no(cell: str) -> bool:
    if cell not in ("yes", "no"):
        raise ValueError(f"{cell!r} is neither yes nor no")
    return cell == "yes"


def _specifiers(cell: str) -> SpecifierSet:
    """`any` stands for a requirement without a version."""
    return SpecifierSet("" if cell == "any" else cell)


_READERS: dict[object, Callable[[str], object]] = {
    str: _text,
    str | None: _optional_text,
    int: int,
    bool: _yes_or_no,
    Version: Version,
    SpecifierSet: _specifiers,
    tuple[str, ...]: _words,
    tuple[Version, ...]: _versions,
}
# Cells of these are cheap to read: remembering them would cost more.
_PLAIN = frozenset({str, str | None})


def _cell_reader(annotation: object) -> Callable[[str], object]:
    """What reads a cell of a column annotated so; an empty cell of `X | None` is None."""
    if annotation in _READERS:
        read = _READERS[annotation]
        return read if annotation in _PLAIN else cache(read)
    if isinstance(annotation, EnumType):
        return cache(annotation)
    if isinstance(annotation, UnionType):
        (known,) = (part for part in get_args(annotation) if part is not type(None))
        inner = _cell_reader(known)
        return lambda cell: inner(cell) if cell else None
    raise TypeError(f"a table cannot hold {annotation!r}")
