"""Words and a look-up in, their values out: Docker's own expansion and the shell's.

A value is text or `Unknown(reason)`. Knows how `${X:-y}` is read, not where variables come from.
"""

from collections.abc import Callable, Iterator

from mllint.facts.commands.operators import (
    DEFAULTING,
    DEPTH_LIMIT,
    LENGTH_LIMIT,
    TOO_DEEP,
    TOO_LONG,
    Value,
    apply_operator,
)
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.shell import Literal, Parameter, Part, Word
from mllint.parse.source import Span

__all__ = [
    "DEFAULTING",
    "Argument",
    "Lookup",
    "Value",
    "apply_operator",
    "expand_docker",
    "expand_word",
    "expand_words",
]

# A variable's value; None when it is certainly not set.
Lookup = Callable[[str], Value | None]

_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


class Argument(NamedTuple):
    """One argument as the program gets it; `prefix` is the known text before what is unknown."""

    value: Value
    prefix: str
    word: Word

    @property
    def text(self) -> str:
        """The value, or the known prefix of it."""
        return self.value if isinstance(self.value, str) else self.prefix

    @property
    def written(self) -> Span | None:
        """Where the value stands to the letter, within quotes or not; None when it does not."""
        word, value = self.word, self.value
        if not self.in_place or word.text not in (value, f'"{value}"', f"'{value}'"):
            return None
        span, quote = word.span, int(word.text != value)
        return Span(span.line, span.column + quote, span.line, span.end_column - quote)

    @property
    def in_place(self) -> bool:
        """Whether the span holds just this word: not so in the JSON form, or over two lines."""
        span = self.word.span
        return span.line == span.end_line and span.end_column - span.column == len(self.word.text)


def expand_docker(
    text: str,
    lookup: Lookup,
    escape: str = "\\",
    unset: Callable[[str], None] | None = None,
    depth: int = 0,
) -> Value:
    """The value of one word of a Docker instruction: quotes removed, variables replaced.

    `unset` is told each variable that is not set and has no default (`${X:-y}`) either. Unknown
    for what grows beyond the limits of `operators`; depth: of the `${…}` that `text` stands in.
    """
    if depth > DEPTH_LIMIT:
        return TOO_DEEP
    out: list[str] = []
    position, quoted, length = 0, False, 0
    while position < len(text):
        char = text[position]
        position += 1
        if char == escape and position < len(text):
            following = text[position]
            kept = quoted and following not in (escape, '"', "$")
            out.append(char + following if kept else following)
            position += 1
        elif char == "'" and not quoted:
            value, position = _single_quoted(text, position)
            out.append(value)
        elif char == '"':
            quoted = not quoted
        elif char == "$":
            known, position = _docker_variable(text, position - 1, lookup, escape, unset, depth)
            if isinstance(known, Unknown):
                return known
            length += len(known)
            if length > LENGTH_LIMIT:
                return TOO_LONG
            out.append(known)
        else:
            out.append(char)
    return "".join(out)


def _single_quoted(text: str, start: int) -> tuple[str, int]:
    """The text up to the closing quote, or to the end, and the offset behind it."""
    end = text.find("'", start)
    end = len(text) if end < 0 else end
    return text[start:end], end + 1


def _docker_variable(
    text: str,
    start: int,
    lookup: Lookup,
    escape: str,
    unset: Callable[[str], None] | None,
    depth: int,
) -> tuple[Value, int]:
    """The value of the `$…` at `start`, and the offset behind it."""
    if text.startswith("${", start):
        end = _closing_brace(text, start + 2)
        if end is None:
            return Unknown(f"{text[start:]} has no closing brace"), len(text)
        body = text[start + 2 : end]
        name = _leading_name(body)
        operator, operand = _split_operator(body[len(name) :])
        value = lookup(name)
        if value is None and unset is not None and operator not in DEFAULTING:
            unset(name)
        operated = apply_operator(
            name, value, operator, lambda: expand_docker(operand, lookup, escape, unset, depth + 1)
        )
        return operated, end + 1
    name = _leading_name(text[start + 1 :])
    if not name:
        return "$", start + 1
    value = lookup(name)
    if value is None and unset is not None:
        unset(name)
    return ("" if value is None else value), start + 1 + len(name)


def _leading_name(text: str) -> str:
    end = 0
    while end < len(text) and text[end] in _NAME_CHARACTERS:
        end += 1
    return text[:end]


def _closing_brace(text: str, start: int) -> int | None:
    depth = 1
    for offset in range(start, len(text)):
        if text[offset] == "}":
            depth -= 1
            if depth == 0:
                return offset
        elif text.startswith("${", offset):
            depth += 1
    return None


def _split_operator(text: str) -> tuple[str, str]:
    for operator in (":-", ":+", ":?", "##", "%%", "//", "-", "+", "?", "#", "%", "/"):
        if text.startswith(operator):
            return operator, text[len(operator) :]
    return "", text


def expand_words(words: tuple[Word, ...], lookup: Lookup) -> Iterator[Argument]:
    """The arguments that `words` become in a shell: expanded, split where unquoted."""
    for word in words:
        literal = word.literal
        if literal is not None:
            yield Argument(literal, literal, word)
            continue
        value, prefix = _expand_parts(word.parts, lookup)
        if isinstance(value, Unknown) or word.quoted:
            yield Argument(value, prefix, word)
        else:
            for field in value.split():
                yield Argument(field, field, word)


def expand_word(word: Word, lookup: Lookup) -> Value:
    """The value of one word without splitting, as in an assignment."""
    return _expand_parts(word.parts, lookup)[0]


def _expand_parts(parts: tuple[Part, ...], lookup: Lookup, depth: int = 0) -> tuple[Value, str]:
    """The value of the parts, and the text known before the first unknown part."""
    if depth > DEPTH_LIMIT:
        return TOO_DEEP, ""
    out: list[str] = []
    length = 0
    for part in parts:
        value: Value
        if isinstance(part, Literal):
            value = part.text
        elif isinstance(part, Parameter):
            value = _parameter_value(part, lookup, depth)
        else:
            value = Unknown(f"{part.text} is known only when it runs")
        if isinstance(value, Unknown):
            return value, "".join(out)
        length += len(value)
        if length > LENGTH_LIMIT:
            return TOO_LONG, "".join(out)
        out.append(value)
    joined = "".join(out)
    return joined, joined


def _parameter_value(part: Parameter, lookup: Lookup, depth: int) -> Value:
    if part.operator == "indirect":
        return Unknown(f"${{!{part.name}}} is not evaluated")
    value = lookup(part.name)
    if part.operator == "length":
        return value if isinstance(value, Unknown) else str(len(value or ""))
    operand = part.operand
    return apply_operator(
        part.name,
        value,
        part.operator,
        lambda: "" if operand is None else _expand_parts(operand.parts, lookup, depth + 1)[0],
    )
