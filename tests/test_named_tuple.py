"""The named tuples whose constructors are compiled late, beside those of the standard library."""

import copy
import pickle
import typing

import pytest

from mllint.named_tuple import NamedTuple


class Late(NamedTuple):
    """A place."""

    path: str
    line: int = 1
    tags: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.path}:{self.line}"


class Plain(typing.NamedTuple):
    """A place."""

    path: str
    line: int = 1
    tags: tuple[str, ...] = ()


class Child(Late):
    pass


class Empty(NamedTuple):
    pass


CALLS = [
    pytest.param(("a",), {}, id="defaults"),
    pytest.param(("a", 2, ("x",)), {}, id="positions"),
    pytest.param((), {"tags": ("x",), "path": "a"}, id="names"),
    pytest.param(("a",), {"line": 3}, id="both"),
]


@pytest.mark.parametrize(("values", "named"), CALLS)
def test_values_are_those_of_the_standard_class(values, named):
    late, plain = Late(*values, **named), Plain(*values, **named)
    assert late == plain
    assert hash(late) == hash(plain)
    assert repr(late) == repr(plain).replace("Plain", "Late")
    assert late._asdict() == plain._asdict()
    assert (late.path, late.line, late.tags) == tuple(plain)
    assert late._replace(line=9) == plain._replace(line=9)
    assert type(late._replace(line=9)) is Late
    assert pickle.loads(pickle.dumps(late)) == copy.deepcopy(late) == late


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), (("a", 1, (), 4), {}), (("a",), {"path": "b"}), (("a",), {"other": 1})],
)
def test_wrong_calls_are_refused(values, named):
    for kind in (Late, Plain):
        with pytest.raises(TypeError):
            kind(*values, **named)


def test_classes_are_those_of_the_standard_library():
    for name in ("_fields", "_field_defaults", "__match_args__", "__annotations__", "__doc__"):
        assert getattr(Late, name) == getattr(Plain, name)
    assert isinstance(Late("a"), tuple)
    assert not hasattr(Late("a"), "__dict__")


def test_fields_cannot_be_set_and_unknown_ones_not_replaced():
    late = Late("a")
    with pytest.raises(AttributeError):
        late.path = "b"
    with pytest.raises((TypeError, ValueError)):
        late._replace(other=1)


def test_methods_subclasses_and_patterns():
    child = Child("a", 2)
    assert type(child) is Child
    assert child.shown == "a:2"
    assert type(Late("a")) is Late
    match child:
        case Late(path, line):
            assert (path, line) == ("a", 2)
    assert Late._make(["a", 1, ()]) == Late("a")
    assert Empty() == ()
