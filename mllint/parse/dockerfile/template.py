"""The text of a Dockerfile and its instructions in, whether it is a template still to be filled."""

import re
from collections.abc import Sequence

from mllint.parse.dockerfile.instruction import Instruction
from mllint.parse.source import MappedText
from mllint.regex import lazy

_HINTS = ("{{", "{%", "<%", "<<", "@", "%", "{")
_KEYWORD_MARKS = ("{{", "{%", "<%")
_TEMPLATE_LINE = lazy(r"[ \t]*\{[{%]")
_PLACEHOLDER_LINE = lazy(r"\{\w+\}")
_MARK = lazy(
    r"""
      \{[{%]                           # {{ base }}, {% if … %}, ${{ matrix.base }}
    | <[%<]                            # <%= base %>, <<base>>
    | @[A-Za-z_]\w*@                   # @BASE@, as autoconf and CMake write it
    | %[A-Za-z_]\w*%                   # %BASE%
    | (?<!\$) \{ [A-Za-z_][\w.]* \}    # {base}, as str.format does
    """,
    re.VERBOSE,
)


def is_templated(text: str, instructions: Sequence[Instruction]) -> bool:
    """Whether a template engine has still to make the Dockerfile from this text."""
    if not any(hint in text for hint in _HINTS):
        return False
    return any(
        instruction.keyword.startswith(_KEYWORD_MARKS)
        or _PLACEHOLDER_LINE.fullmatch(instruction.keyword)
        or (instruction.keyword == "FROM" and has_mark(instruction.text))
        or (instruction.keyword != "RUN" and _has_template_line(instruction.arguments))
        for instruction in instructions
    )


def has_mark(text: str) -> bool:
    """Whether the name of an image holds what a template engine fills in."""
    return _MARK.search(text) is not None


def _has_template_line(arguments: MappedText) -> bool:
    """Whether a line that carries an instruction on starts with a template's mark."""
    return any(_TEMPLATE_LINE.match(arguments.text, start) for start in arguments.starts[1:])
