"""The text of a TOML file in, its tables and where their keys and values stand out.

The only reader of TOML in projects. tomllib tells no positions, so the text is read once more for
them, and only when one is asked for. Knows no file format.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from mllint.errors import InputError
from mllint.parse.source import SourceFile, Span
from mllint.regex import lazy

Path = tuple[str | int, ...]

_PLACE = lazy(r"\s*\(at (?:line (?P<line>\d+), column \d+|end of document)\)$")
_BLANK = lazy(r"(?:[\s,]|\#[^\n]*)*")
_STRING = lazy(
    r'''
    """ (?: [^\\] | \\. )*? """ "{0,2}        # multi-line, with up to two quotes at its end
    | \'\'\' .*? \'\'\' '{0,2}
    | " (?: [^"\\\n] | \\. )* "
    | ' [^'\n]* '
    ''',
    re.VERBOSE | re.DOTALL,
)
_BARE = lazy(r"[^\s,\]\}\#=\.]+")  # a bare key, or a piece of one
_SCALAR = lazy(r"[^,\]\}\#\n]+")  # a number, a date, true

_FILE_LINES = lazy(r"^    \{ ?(?:url|file) = \"[^\n]*\},?\r?\n", re.MULTILINE)


class Toml:
    """A TOML document: `data` as tomllib gives it, and where its values stand."""

    def __init__(self, source: SourceFile, data: dict[str, Any]) -> None:
        self.path = source.path
        self.data = data
        self._source = source
        self._spans: dict[Path, Span] | None = None

    def span(self, *path: str | int) -> Span:
        """Where the value at `path` stands; failing that, the nearest table or key above it."""
        if self._spans is None:
            self._spans = dict(_Scanner(self._source.text).spans())
        for length in range(len(path), 0, -1):
            found = self._spans.get(path[:length])
            if found is not None:
                return found
        return Span(1, 1, 1, 1)

    def table(self, *path: str) -> dict[str, Any]:
        """The table at `path`, {} when there is none or it is something else."""
        found: Any = self.data
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}


def load_toml(source: SourceFile) -> Toml:
    """The document of a TOML file; raises InputError, with file and line, for what is none."""
    import tomllib

    try:
        return Toml(source, tomllib.loads(source.text.replace("\r\n", "\n")))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        message = str(error)[: place.start()] if place else str(error)
        line = int(place["line"]) if place and place["line"] else source.text.count("\n") + 1
        shown = message[:1].lower() + message[1:200]
        raise InputError(f"is no TOML: {shown}", source.path, line) from None
    except RecursionError:
        raise InputError("is nested too deeply", source.path) from None


def load_lock(source: SourceFile) -> dict[str, Any]:
    """The tables of a lock that a program wrote, without the files of its packages.

    They are nine tenths of a lock (`{ url = "…", hash = "…" },`, each on a line of its own) and
    take as much of the time. Raises InputError as `load_toml` does.
    """
    try:
        return load_toml(source._replace(text=_FILE_LINES.sub("", source.text))).data
    except InputError:
        return load_toml(source).data  # for the line of the error in the whole text


def header_lines(text: str, name: str) -> list[int]:
    """The 1-based lines of the `[[name]]` headers, for files that a program wrote."""
    header = f"[[{name}]]"
    return [n for n, line in enumerate(text.split("\n"), start=1) if line.strip() == header]


class _Scanner:
    """Walks over a text that tomllib took, so that everything in it is well formed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def spans(self) -> Iterator[tuple[Path, Span]]:
        """(path, span) of each table header and value, in order."""
        table: Path = ()
        counts: dict[Path, int] = {}
        while self._skip_blank():
            start = self._at
            if self._text.startswith("[", start):
                several = self._text.startswith("[[", start)
                self._at += 2 if several else 1
                names = self._keys()
                self._at += 2 if several else 1
                table = _resolve(names, counts)
                if several:
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                yield table, self._span(start, self._at)
            else:
                path = (*table, *self._keys())
                self._at += 1  # the equals sign
                yield from self._value(path)

    def _skip_blank(self) -> bool:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at < len(self._text)

    def _keys(self) -> Path:
        """A key, dotted or not: `a.b."c d"`; stops behind it."""
        names: list[str] = []
        while self._skip_blank():
            match = _STRING.match(self._text, self._at) or _BARE.match(self._text, self._at)
            if match is None:
                break
            names.append(_unquoted(match.group()))
            self._at = match.end()
            self._skip_blank()
            if not self._text.startswith(".", self._at):
                break
            self._at += 1
        return tuple(names)

    def _value(self, path: Path) -> Iterator[tuple[Path, Span]]:
        self._skip_blank()
        start = self._at
        if self._text.startswith("[", start):
            self._at += 1
            number = 0
            while self._skip_blank() and not self._text.startswith("]", self._at):
                yield from self._value((*path, number))
                number += 1
            self._at += 1
        elif self._text.startswith("{", start):
            self._at += 1
            while self._skip_blank() and not self._text.startswith("}", self._at):
                inner = (*path, *self._keys())
                self._at += 1
                yield from self._value(inner)
            self._at += 1
        else:
            match = _STRING.match(self._text, start) or _SCALAR.match(self._text, start)
            self._at = match.end() if match else len(self._text)
        yield path, self._span(start, self._at)

    def _span(self, start: int, end: int) -> Span:
        return Span(*self._position(start), *self._position(end))

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def _resolve(names: Path, counts: dict[Path, int]) -> Path:
    """The path of a header: below an array of tables the last of its tables is meant."""
    path: Path = ()
    for position, name in enumerate(names):
        path = (*path, name)
        if position < len(names) - 1 and path in counts:
            path = (*path, counts[path])
    return path


def _unquoted(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1]
    if not key.startswith('"'):
        return key
    import tomllib

    return next(iter(tomllib.loads(f"{key} = 0")), "")
