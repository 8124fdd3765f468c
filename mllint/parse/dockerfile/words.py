"""One joined line of a Dockerfile in, the bounds of its keyword, flags, arguments and words out.

Works on plain text and offsets; knows neither files nor what a keyword means beyond how its
arguments are split.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy

# What Go's unicode.IsSpace takes for a space, which Docker trims with. Python's own notion also
# holds the control characters 0x1c to 0x1f: a line of those is an (unknown) instruction to Docker.
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# Keywords whose arguments are cut at every blank, quotes or not: `COPY "a b" /c` has three words.
_SPLIT_AT_BLANKS = frozenset(("ADD", "COPY", "EXPOSE", "FROM", "VOLUME"))
JSON_KEYWORDS = frozenset(("ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"))

# What Docker cuts arguments at, in the forms that know no quotes.
BLANKS = lazy(r"[\t\v\f\r ]+")
_KEYWORD = lazy(r"([^\t\v\f\r ]*)[\t\v\f\r ]*")
_BLANK_SEPARATED = lazy(r"[^\t\v\f\r ]+")
_HEALTHCHECK_TYPE = lazy(r"\S+\s*")


class SplitLine(NamedTuple):
    """Offsets into a joined line; a flag is (word without quotes, start, end)."""

    keyword: tuple[int, int]
    flags: tuple[tuple[str, int, int], ...]
    arguments: tuple[int, int]


def split_line(text: str, escape: str) -> SplitLine:
    """Where keyword, flags and arguments of a joined line begin and end."""
    end = len(text.rstrip(SPACES))
    start = end - len(text[:end].lstrip(SPACES))
    match = _KEYWORD.match(text, start, end)
    assert match is not None  # matches the empty string as well
    keyword, at = match.span(1), match.end()
    flags: list[tuple[str, int, int]] = []
    while text.startswith("--", at):
        flag = _flag_pattern(escape).match(text, at, end)
        assert flag is not None
        word = _unquoted(flag[1], escape)
        at = flag.end()
        if word == "--":  # `RUN -- --odd-command` ends the flags
            break
        flags.append((word, *flag.span(1)))
    at = min(at, end)
    return SplitLine(keyword, tuple(flags), (end - len(text[at:end].lstrip(SPACES)), end))


def word_bounds(keyword: str, text: str, escape: str) -> Iterator[tuple[int, int]]:
    """The (start, end) of each word of an instruction's arguments."""
    if keyword in _SPLIT_AT_BLANKS:
        for match in _BLANK_SEPARATED.finditer(text):
            yield match.span()
        return
    for match in _word_pattern(escape).finditer(text):
        start, end = match.span()
        # An escape character that ends the text escapes nothing and is dropped: `ENV A=b\`
        end -= match["bare"] is not None or match["in_quotes"] is not None
        if end > start:
            yield start, end


def word_texts(keyword: str, text: str, escape: str) -> list[str]:
    """The words of an instruction's arguments as plain text."""
    return [text[start:end] for start, end in word_bounds(keyword, text, escape)]


def read_json(keyword: str, text: str) -> list[object] | None:
    """The array that an instruction's JSON form holds; None when it is not a JSON array."""
    if keyword == "HEALTHCHECK":
        kind = _HEALTHCHECK_TYPE.match(text)
        text = text[kind.end() :] if kind else ""
    elif keyword not in JSON_KEYWORDS:
        return None
    text = text.lstrip(SPACES)
    if not text.startswith("["):
        return None
    try:
        found = _JSON.decode(text)
    except (ValueError, RecursionError):  # RecursionError: `RUN [[[[[…`
        return None
    return found if isinstance(found, list) else None


def exec_form(keyword: str, text: str) -> tuple[str, ...] | None:
    """The strings of the JSON form, or None when the arguments are not in that form."""
    if "[" not in text or (found := read_json(keyword, text)) is None:
        return None
    strings = [item for item in found if isinstance(item, str)]
    return tuple(map(_without_surrogates, strings)) if len(strings) == len(found) else None


def _without_surrogates(text: str) -> str:
    r"""`text` with each lone surrogate (`"\ud800"` in JSON) replaced, as Go's reader does."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _refuse_constant(name: str) -> object:
    raise ValueError(name)  # Python reads NaN and Infinity, Go does not


# float for integers too: Python refuses to read integers of more than 4300 digits.
_JSON = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=float)


@lru_cache(maxsize=2)
def _flag_pattern(escape: str) -> re.Pattern[str]:
    """A flag with the blanks after it; both kinds of quote honour the escape character."""
    char = re.escape(escape)
    return re.compile(
        rf"""(
            (?: [^\t\n\v\f\r '"{char}]++
            |   {char} (?: . | \Z )
            |   ' (?: [^'{char}] | {char}. )*+ (?: ' | {char}?\Z )
            |   " (?: [^"{char}] | {char}. )*+ (?: " | {char}?\Z )
            )*+
        ) [\t\n\v\f\r\ ]*""",
        re.VERBOSE | re.DOTALL,
    )


@lru_cache(maxsize=2)
def _unquoting_pattern(escape: str) -> re.Pattern[str]:
    char = re.escape(escape)
    return re.compile(
        rf"""
            {char}(?P<escaped>.?)
        |   '(?P<single>(?:[^'{char}]|{char}.)*+)(?:'|{char}?\Z)
        |   "(?P<double>(?:[^"{char}]|{char}.)*+)(?:"|{char}?\Z)
        """,
        re.VERBOSE | re.DOTALL,
    )


def _unquoted(flag: str, escape: str) -> str:
    """A flag as Docker sees it: `--mount="a b"` is `--mount=a b`."""
    if not any(char in flag for char in ("'", '"', escape)):
        return flag

    def replace(match: re.Match[str]) -> str:
        quoted = match["single"] if match["single"] is not None else match["double"]
        if quoted is None:
            return match["escaped"]
        return re.sub(rf"{re.escape(escape)}(.?)", r"\1", quoted, flags=re.DOTALL)

    return _unquoting_pattern(escape).sub(replace, flag)


@lru_cache(maxsize=2)
def _word_pattern(escape: str) -> re.Pattern[str]:
    """A word with its quotes; a quote that nobody closes runs to the end of the text."""
    char, space = re.escape(escape), re.escape(SPACES)
    return re.compile(
        rf"""(?:
            [^{space}'"{char}]++
        |   {char}.
        |   '[^']*+'?
        |   "(?:[^"{char}]|{char}.)*+(?:"|(?P<in_quotes>{char})?\Z)
        |   (?P<bare>{char})\Z
        )++""",
        re.VERBOSE | re.DOTALL,
    )
