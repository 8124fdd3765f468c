"""Patterns that are compiled on first use: they do what compiled ones do, and none is broken."""

import importlib
import pkgutil
import re

import pytest

import mllint
from mllint.regex import lazy


def test_a_lazy_pattern_is_used_like_a_compiled_one():
    pattern, compiled = lazy(r"(?P<name>a+)B", re.IGNORECASE), re.compile("(?P<name>a+)B", re.I)
    for method in ("match", "fullmatch", "search"):
        for text in ("aab", "xab", ""):
            found = getattr(pattern, method)(text)
            wanted = getattr(compiled, method)(text)
            assert (found and found.groupdict()) == (wanted and wanted.groupdict())
    assert pattern.sub("-", "xaBab") == "x--"
    assert [match.span() for match in pattern.finditer("abAB")] == [(0, 2), (2, 4)]


def test_a_broken_pattern_says_so_when_it_is_used():
    pattern = lazy("(")
    with pytest.raises(re.error):
        pattern.match("")


def test_every_pattern_of_the_package_compiles():
    kind, found = type(lazy("")), 0
    for module in pkgutil.walk_packages(mllint.__path__, "mllint."):
        if module.name == "mllint.__main__":
            continue
        for value in vars(importlib.import_module(module.name)).values():
            inner = value.values() if isinstance(value, dict) else (value,)
            for pattern in inner:
                if isinstance(pattern, kind):
                    assert pattern.pattern
                    found += 1
    assert found > 100


@pytest.mark.parametrize(("flags", "length"), [(0, 2), (re.UNICODE, 3)])
def test_digits_are_those_that_make_a_number(flags, length):
    assert lazy(r"[\d.]+", flags).match("3.٣").end() == length
