"""A CSV file of `rules/tables` and a frozen dataclass in, a tuple of its instances out.

The dataclass is the schema: its fields name the columns in their order, their annotations say how
a cell is read. Knows no table.
"""

import csv
from collections.abc import Callable
from dataclasses import fields
from enum import Enum, EnumType
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TypeVar, get_args

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
    """The rows of `path` as instances of the dataclass `row`.

    Raises TableError, with file and line, for another header and for a cell that does not fit.
    """
    names = [column.name for column in fields(row)]  # type: ignore[arg-type]
    readers = [_cell_reader(column.type) for column in fields(row)]  # type: ignore[arg-type]
    out: list[Row] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            if next(lines, None) != names:
                raise TableError(f"the header is not {','.join(names)}", str(path), 1)
            for cells in lines:
                try:
                    values = [read(cell) for read, cell in zip(readers, cells, strict=True)]
                except ValueError as error:
                    raise TableError(str(error), str(path), lines.line_num) from error
                out.append(row(*values))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"cannot be read: {error}", str(path)) from error
    return tuple(out)


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
