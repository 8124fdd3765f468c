"""Bytes of a file in, text with positions out.

Lines and columns are 1-based; columns count characters; an end column is one past the last
character. Knows no file format.
"""

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterable

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy

DIGIT_LIMIT = 4_300
"""https://docs.python.org/3/library/stdtypes.html#int-max-str-digits (read 2026-11-25)."""
_BYTE_ORDER_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODING_COMMENT = re.compile(
    rb"""
    coding[:=][ \t]*    # PEP 263: `# -*- coding: latin-1 -*-`, `# vim: set fileencoding=cp1252 :`
    ([-\w.]+)          # the encoding's name
    """,
    re.VERBOSE,
)
_CODING_NAME = lazy(
    # Text encodings that hold ASCII as it stands. A file may not name any other codec of Python:
    # `unicode_escape` and `punycode` are codecs too, and the latter takes quadratic time.
    r"""
    (?: us[-_]? )? ascii | utf[-_]?8 (?: [-_]sig )? | latin[-_]?1
    | iso[-_]?8859[-_]\d{1,2} | (?: cp | windows[-_] ) 125\d | koi8[-_][ru]
    | gbk | gb2312 | gb18030 | big5 | euc[-_](?: jp | kr ) | shift[-_]jis
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Span(NamedTuple):
    """A stretch of a file, from (line, column) up to, not including, (end_line, end_column)."""

    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: "Span") -> "Span":
        """The span from the start of this one to the end of `other`."""
        return Span(self.line, self.column, other.end_line, other.end_column)


class Location(NamedTuple):
    """A span in a file; `path` is written with `/` and is relative to the working folder."""

    path: str
    span: Span


class SourceFile(NamedTuple):
    """The text of one file, decoded, without a byte-order mark, line ends as they stand.

    `invalid` is the 1-based line of the first byte that is not in the file's encoding (each such
    byte was replaced by U+FFFD), or None. wide: the file is in UTF-16 or UTF-32.
    """

    path: str
    text: str
    invalid: int | None = None
    wide: bool = False

    @property
    def lines(self) -> list[str]:
        r"""The lines without their ends (`\n` or `\r\n`)."""
        return [line.removesuffix("\r") for line in self.text.split("\n")]


class MappedText(NamedTuple):
    """Text put together from pieces of a file, each character of which knows where it stood.

    Piece i begins at offset `starts[i]` of `text` and stood at `positions[i]` = (line, column);
    within a piece, the text runs on along that line (a newline inside a piece starts the next
    line at column 1). `starts` begins with 0 and rises; an empty text has one piece.
    """

    text: str
    starts: tuple[int, ...]
    positions: tuple[tuple[int, int], ...]

    @staticmethod
    def from_pieces(pieces: Iterable[tuple[str, int, int]]) -> "MappedText":
        """Join (text, line, column) pieces; empty ones are left out unless all are empty."""
        given = tuple(pieces)
        kept = [piece for piece in given if piece[0]] or list(given[:1]) or [("", 1, 1)]
        starts, offset = [], 0
        for text, _, _ in kept:
            starts.append(offset)
            offset += len(text)
        return MappedText(
            "".join(text for text, _, _ in kept),
            tuple(starts),
            tuple((line, column) for _, line, column in kept),
        )

    def position(self, offset: int) -> tuple[int, int]:
        """The (line, column) at which the character at `offset` stood in the file."""
        piece = bisect_right(self.starts, offset) - 1
        line, column = self.positions[piece]
        start = self.starts[piece]
        newlines = self.text.count("\n", start, offset)
        if newlines:
            return line + newlines, offset - self.text.rfind("\n", start, offset)
        return line, column + offset - start

    def span(self, start: int, end: int) -> Span:
        """The span in the file of `text[start:end]`; an empty stretch gives an empty span."""
        line, column = self.position(start)
        if end <= start:
            return Span(line, column, line, column)
        end_line, end_column = self.position(end - 1)
        return Span(line, column, end_line, end_column + 1)

    def slice(self, start: int, end: int | None = None) -> "MappedText":
        """The part of the text from `start` to `end`, with its positions."""
        end = len(self.text) if end is None else end
        if start >= end:
            return MappedText("", (0,), (self.position(start),))
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        return MappedText(
            self.text[start:end],
            (0, *(offset - start for offset in self.starts[first + 1 : last + 1])),
            (self.position(start), *self.positions[first + 1 : last + 1]),
        )


def decode(data: bytes) -> tuple[str, str, int | None]:
    """The text of `data`, its encoding, and the 1-based line of the first byte not in it, or None.

    As pip reads its files: a byte-order mark decides, else a coding comment in the first two
    lines, else UTF-8. Bytes that the encoding does not have become U+FFFD.
    """
    mark, encoding = _mark_and_encoding(data)
    data = data[len(mark) :]
    try:
        return data.decode(encoding), encoding, None
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        return data.decode(encoding, "replace"), encoding, before.count("\n") + 1


def encode(text: str, original: bytes) -> bytes | None:
    """The bytes of `text` as those of `original` are written: byte-order mark, encoding.

    None when that would lose something: `original` holds bytes that are no text, `text` holds
    characters that its encoding has not, or the comment that names the encoding moved away.
    """
    mark, encoding = _mark_and_encoding(original)
    try:
        data = mark + text.encode(encoding)
        same = mark + decode(original)[0].encode(encoding) == original
    except UnicodeEncodeError:
        return None
    return data if same and decode(data) == (text, encoding, None) else None


def _mark_and_encoding(data: bytes) -> tuple[bytes, str]:
    return next(
        (known for known in _BYTE_ORDER_MARKS if data.startswith(known[0])),
        (b"", _declared_encoding(data)),
    )


def _declared_encoding(data: bytes) -> str:
    for line in data.split(b"\n", 2)[:2]:
        match = _CODING_COMMENT.search(line) if line.startswith(b"#") else None
        if match:
            name = match[1].decode("ascii", "replace")
            if not _CODING_NAME.fullmatch(name):
                return "utf-8"
            try:
                return codecs.lookup(name).name
            except LookupError:  # `iso-8859-99`
                return "utf-8"
    return "utf-8"


def long_number(text: str) -> int | None:
    """The offset of a run of more digits than Python reads as a number, None when there is none.

    Such a run covers a place whose offset is a multiple of the limit: nothing else is looked at.
    """
    for offset in range(DIGIT_LIMIT, len(text), DIGIT_LIMIT):
        if not text[offset].isdecimal():
            continue
        start = end = offset
        while start > 0 and end - start <= DIGIT_LIMIT and text[start - 1].isdecimal():
            start -= 1
        while end < len(text) and end - start <= DIGIT_LIMIT and text[end].isdecimal():
            end += 1
        if end - start > DIGIT_LIMIT:
            return start
    return None
