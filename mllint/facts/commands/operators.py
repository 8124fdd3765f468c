"""The operator of a `${X:-y}` or `${X##*/}` and what it works on in, the value out.

Bounds what a value may grow to. Knows neither Docker's nor the shell's way of writing words.
"""

import re
from collections.abc import Callable
from fnmatch import translate

from mllint.facts.unknown import Unknown
from mllint.regex import lazy

Value = str | Unknown

LENGTH_LIMIT = 64 * 1024
"""Characters of one value: twenty lines of `ENV A=$A$A` make a million times what is written."""
DEPTH_LIMIT = 50
"""Levels of `${A:-${B:-…}}` that are read."""
TOO_LONG = Unknown(f"a value is longer than {LENGTH_LIMIT // 1024} KiB")
TOO_DEEP = Unknown(f"a default is nested more than {DEPTH_LIMIT} levels deep")
_PATTERN_LIMIT = 512
"""Characters of a value that is held against a pattern, which may take as many tries."""
_WILD_LIMIT = 8
"""Runs of `*` in a pattern: each may multiply the time that one try takes."""

# The operators that say what to take when a variable is not set.
DEFAULTING = frozenset({":-", "-", ":=", "=", ":+", "+", ":?", "?"})
_PLAIN = lazy(r"[^*?\[\]\\]*+")


def apply_operator(
    name: str, value: Value | None, operator: str, operand: Callable[[], Value]
) -> Value:
    """The value of `${name<operator><operand>}`; `operand` is expanded only when it is needed."""
    if isinstance(value, Unknown):
        return value
    if operator == "":
        return value or ""
    if operator in (":-", "-", ":=", "="):
        return operand() if value is None or (operator[0] == ":" and not value) else value
    if operator in (":+", "+"):
        return "" if value is None or (operator[0] == ":" and not value) else operand()
    if operator in (":?", "?"):
        empty = value is None or (operator[0] == ":" and not value)
        return Unknown(f"${name} is required but not set") if empty else value or ""
    pattern = operand()
    if isinstance(pattern, Unknown):
        return pattern
    if operator in ("#", "##", "%", "%%"):
        return _strip_pattern(value or "", operator, pattern)
    if operator in ("/", "//"):
        return _replace_pattern(value or "", operator, pattern)
    return Unknown(f"${{{name}{operator}…}} is not evaluated")


def _strip_pattern(value: str, operator: str, pattern: str) -> Value:
    """`${value#pattern}` and kin: the shortest (`#`, `%`) or longest (`##`, `%%`) match goes."""
    front, longest = operator[0] == "#", len(operator) == 2
    known = _strip_plain(value, pattern, front=front, longest=longest)
    if known is not None:
        return known
    if len(value) > _PATTERN_LIMIT or len(re.findall(r"\*+", pattern)) > _WILD_LIMIT:
        return Unknown("a pattern over a long value is not evaluated")
    matched = re.compile(translate(pattern)).match
    lengths = range(len(value) + 1)
    for length in reversed(lengths) if longest else lengths:
        if front and matched(value[:length]):
            return value[length:]
        if not front and matched(value[len(value) - length :]):
            return value[: len(value) - length]
    return value


def _strip_plain(value: str, pattern: str, *, front: bool, longest: bool) -> str | None:
    """The same for the usual patterns, `v`, `*/` and `/*`, by one search; None for the others."""
    star_first, star_last = pattern.startswith("*"), pattern.endswith("*")
    text = pattern.strip("*")
    if not text or not _PLAIN.fullmatch(text) or (star_first and star_last):
        return None
    if not star_first and not star_last:
        return value.removeprefix(text) if front else value.removesuffix(text)
    if front and star_first:
        at = value.rfind(text) if longest else value.find(text)
        return value if at < 0 else value[at + len(text) :]
    if not front and star_last:
        at = value.find(text) if longest else value.rfind(text)
        return value if at < 0 else value[:at]
    return None


def _replace_pattern(value: str, operator: str, operand: str) -> Value:
    pattern, _, replacement = operand.partition("/")
    # `${V/#a/b}` and `${V/%a/b}` replace at the beginning and at the end only.
    if any(char in pattern for char in "*?[\\") or (operator == "/" and pattern[:1] in ("#", "%")):
        return Unknown("a pattern replacement is not evaluated")
    if not pattern:
        return value
    times = value.count(pattern) if operator == "//" else 1
    if len(value) + times * len(replacement) > LENGTH_LIMIT:
        return TOO_LONG
    return value.replace(pattern, replacement, times)
