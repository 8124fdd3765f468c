"""A decoded JSON object and a named tuple in, an instance of it out; nothing is taken on trust.

The class is the schema: its annotations say what a field may hold. Texts come out cut off and
with every control character written as an escape; numbers within what 64 bits hold.
"""

from collections.abc import Callable, Hashable, Mapping
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from mllint.report.visible import visible
from mllint.verify.inside.records import LONGEST_TEXT, MOST_ITEMS

Row = TypeVar("Row")
_LARGEST = 1 << 63


def read_record(kind: type[Row], given: Mapping[str, object]) -> Row:
    """The record as an instance of the named tuple `kind`; other keys are left out.

    Raises ValueError, with the field, for a value that does not fit, or one that is not there.
    """
    defaults = cast(Any, kind)._field_defaults
    values = {}
    for name, read in _readers(cast(Hashable, kind)).items():
        if name not in given and name in defaults:
            continue
        try:
            values[name] = read(given.get(name))
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError(f"{kind.__name__.lower()}: {name} {error}") from None
    return kind(**values)


@cache
def _readers(kind: Hashable) -> dict[str, Callable[[object], object]]:
    hints = get_type_hints(cast(Any, kind))
    return {name: _reader(hints[name]) for name in cast(Any, kind)._fields}


def _reader(hint: Any) -> Callable[[Any], object]:  # noqa: ANN401 - an annotation
    """What turns a JSON value into one of that annotation."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType:
        (known,) = (part for part in inner if part is not NoneType)
        read = _reader(known)
        return lambda value: None if value is None else read(value)
    if origin is tuple and inner[1:] == (Ellipsis,):
        return _list_reader(_reader(inner[0]))
    if origin is tuple:
        return _fixed_reader(tuple(map(_reader, inner)))
    if origin is Mapping:
        return _texts_by_name
    return lambda value: read_record(hint, _object(value))


def _list_reader(read: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: tuple(read(item) for item in _list(value)[:MOST_ITEMS])


def _fixed_reader(readers: tuple[Callable[[Any], object], ...]) -> Callable[[Any], object]:
    def read(value: object) -> object:
        items = _list(value)
        if len(items) != len(readers):
            raise ValueError(f"has {len(items)} parts instead of {len(readers)}")
        return tuple(each(item) for each, item in zip(readers, items, strict=True))

    return read


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is no text")
    return visible(value[:LONGEST_TEXT])


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= _LARGEST:
        raise ValueError("is no whole number of 64 bits")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is no number")
    if not abs(value) < _LARGEST:  # NaN is not below anything
        raise ValueError("is too large a number")
    return float(value)


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("is no list")
    return value


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("is no object")
    return value


def _texts_by_name(value: object) -> Mapping[str, str]:
    items = list(_object(value).items())[:MOST_ITEMS]
    return MappingProxyType({_text(name): _text(inner) for name, inner in items})


_PLAIN: dict[object, Callable[[Any], object]] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _yes_or_no,
}
