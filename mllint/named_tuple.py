"""Named tuples whose constructor is compiled when the first one is made.

Half of what `typing.NamedTuple` takes to make a class goes into a constructor, and a short run uses
few of its two hundred.
"""

import sys
from collections import namedtuple
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

# Later releases hide the annotations of a class that is being made from its metaclass.
if TYPE_CHECKING or sys.version_info >= (3, 14):
    from typing import NamedTuple as NamedTuple
else:
    _Field = type(namedtuple("_One", "field").field)  # the C descriptor of one element

    class _Maker(type):
        """Reads the fields of a class that names NamedTuple as its base; others are left alone."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> "_Maker":
            if tuple not in bases and bases[0] is NamedTuple:
                fields = tuple(namespace.get("__annotations__", ()))
                defaults = {field: namespace.pop(field) for field in fields if field in namespace}
                namespace.update(
                    {field: _Field(place, "") for place, field in enumerate(fields)},
                    _fields=fields,
                    _field_defaults=defaults,
                    __match_args__=fields,
                    __slots__=(),
                )
            return super().__new__(cls, name, bases, namespace)

    class NamedTuple(tuple, metaclass=_Maker):
        """What classes with fields have from their base, as `typing.NamedTuple` gives it."""

        __slots__ = ()
        _fields: tuple[str, ...] = ()
        _field_defaults: ClassVar[dict[str, Any]] = {}

        def __new__(cls, /, *values: object, **named: object) -> Self:
            """Compile the constructor of the class, which stands here from now on, and call it."""
            owner = next(each for each in cls.__mro__ if "_fields" in vars(each))
            names = "".join(f"{field}, " for field in owner._fields)
            make = eval(f"lambda _cls, {names}: _make(_cls, ({names}))", {"_make": tuple.__new__})
            make.__defaults__ = tuple(owner._field_defaults.values())
            make.__name__ = "__new__"
            owner.__new__ = make
            return make(cls, *values, **named)

        @classmethod
        def _make(cls, values: Iterable[Any]) -> Self:
            return cls(*values)

        def _replace(self, /, **changes: object) -> Self:
            values = list(map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"no field is named {', '.join(changes)}")
            return tuple.__new__(type(self), values)

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            fields = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{type(self).__name__}({fields})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)
