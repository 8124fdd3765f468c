"""A CSV file of `rules/tables` and a named tuple in, a tuple of its instances out.

The class is the schema: its fields name the columns in their order, their annotations say how
a cell is read. Knows no table.
"""

import csv
from collections.abc import Callable, Iterator, KeysView
from enum import Enum, EnumType
from functools import cache, cached_property
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
    """The rows of a long table by their first cell; those of one are read when asked for.

    A line is a row, and a first cell stands without quotes. Raises TableError as `read_rows` does,
    for a cell that does not fit when its group is read.
    """

    def __init__(self, path: Path, row: type[Row]) -> None:
        self._path = path
        self._row = row
        self._made: dict[str, tuple[Row, ...]] = {}

    @cached_property
    def _text(self) -> str:
        text = _read_text(self._path)
        _require_header(text.partition("\n")[0].split(","), self._path, self._row)
        return text

    @cached_property
    def _make(self) -> Callable[[int, list[str]], Row]:
        return _maker(self._path, self._row)

    @cached_property
    def keys(self) -> KeysView[str]:
        """The first cells, in the order of the rows."""
        lines = self._text.splitlines()[1:]
        return dict.fromkeys(line.partition(",")[0] for line in lines).keys()

    def rows(self, key: str) -> tuple[Row, ...]:
        """The rows that begin with `key`, in their order; none when there is no such row."""
        if key not in self._made:
            self._made[key] = tuple(self._find(key))
        return self._made[key]

    def _find(self, key: str) -> Iterator[Row]:
        text, number, end = self._text, 1, 0
        start = text.find(f"\n{key},")
        while start >= 0:
            number += text.count("\n", end, start + 1)
            end = text.find("\n", start + 1)
            cells = next(csv.reader([text[start + 1 : end if end >= 0 else None]]))
            yield self._make(number, cells)
            start = text.find(f"\n{key},", end) if end >= 0 else -1

    def first(self, key: str) -> Row | None:
        """The row that begins with `key`; None when there is no such row."""
        return next(iter(self.rows(key)), None)

    def texts(self, column: str) -> frozenset[str]:
        """What stands in the cells of a column, as text."""
        place = _columns(self._row).index(column)
        return frozenset(cells[place] for cells in csv.reader(self._text.splitlines()[1:]))


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
    lines = csv.reader(_read_text(path).splitlines())
    try:
        _require_header(next(lines, None), path, row)
        return [(lines.line_num, cells) for cells in lines]
    except csv.Error as error:
        raise TableError(f"cannot be read: {error}", str(path)) from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"cannot be read: {error}", str(path)) from error


def _require_header(cells: list[str] | None, path: Path, row: type[Row]) -> None:
    names = _columns(row)
    if cells != names:
        raise TableError(f"the header is not {','.join(names)}", str(path), 1)


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
