"""An instruction in, what the builder's lexer refuses to expand in it out.

Docker itself expands variables and takes quotes off in ENV, COPY, WORKDIR and the like (RUN, CMD
and ENTRYPOINT leave that to a shell). Knows no value: only what fails whatever the values are.
"""

import json
import re
from collections.abc import Iterator

from mllint.parse.dockerfile.flags import Refusal
from mllint.parse.dockerfile.heredoc import parse_mark
from mllint.parse.dockerfile.instruction import Instruction
from mllint.parse.dockerfile.lexer import DockerLexer, LexicalError
from mllint.parse.dockerfile.words import BLANKS, word_texts
from mllint.regex import lazy

_EXPANDED_FLAGS = frozenset(("checksum", "chmod", "chown"))
_VARIABLE = r"""\$ (?: (?!\{) | \{ [A-Za-z_]\w*+ (?: :?[-+?] [^{}$'"`\\/]*+ )? \} )"""
# What needs no lexer to be seen to be right, so that few words go through the slow one. The
# alternative that never matches goes back to the group's start: Python before 3.11.5 goes on where
# the last one gave up (https://github.com/python/cpython/issues/106052), behind `${b`.
_PLAINLY_RIGHT = lazy(
    rf"""(?:
        [^$'"`\\]++
    |   {_VARIABLE}
    |   ' [^']*+ '
    |   " (?: [^$"`\\]++ | {_VARIABLE} | (?!) )*+ "
    |   (?!)
    )*+""",
    re.VERBOSE,
)


def refuse_expansion(instruction: Instruction) -> Refusal | None:
    """The first word of an instruction that cannot be expanded: a quote left open, `${a,,}`."""
    for text in _expanded(instruction):
        if _PLAINLY_RIGHT.fullmatch(text):
            continue
        refusal = _refuse(text, DockerLexer(text, instruction.escape, strict=True))
        if refusal is not None:
            return refusal
    for heredoc in instruction.heredocs:
        if heredoc.expand and "${" in heredoc.body.text:
            lexer = DockerLexer(heredoc.body.text, strict=True, quotes=False)
            refusal = _refuse(f"<<{heredoc.name}", lexer)
            if refusal is not None:
                quoted = f"quote the delimiter to keep the text as it is: <<'{heredoc.name}'"
                return Refusal(refusal.message, quoted)
    return None


def _refuse(text: str, lexer: DockerLexer) -> Refusal | None:
    try:
        lexer.words()
    except LexicalError as error:
        message = f"failed to process {json.dumps(text, ensure_ascii=False)}: {error}"
        if "quote" in str(error):
            return Refusal(message, "close the quote, or put a backslash before it")
        return Refusal(message, "use ${NAME}, ${NAME:-default} or ${NAME:+text}")
    return None


def _expanded(instruction: Instruction) -> Iterator[str]:
    """The texts that the builder expands one by one."""
    keyword, text = instruction.keyword, instruction.text
    if keyword in ("ADD", "COPY"):
        for flag in instruction.flags:
            if flag.name in _EXPANDED_FLAGS:
                yield flag.value or ""
    if keyword in ("STOPSIGNAL", "USER", "WORKDIR"):
        yield text
    elif instruction.exec_form is not None:
        yield from instruction.exec_form
    elif keyword in ("ENV", "LABEL"):
        yield from _names_and_values(instruction)
    else:
        words = _words(instruction)
        yield from (word for word in words if "<<" not in word or parse_mark(word) is None)


def _names_and_values(instruction: Instruction) -> Iterator[str]:
    words = _words(instruction)
    if words and "=" not in words[0]:
        yield from BLANKS.split(instruction.text, 1)
        return
    for word in words:
        name, _, value = word.partition("=")
        yield name
        yield value


def _words(instruction: Instruction) -> list[str]:
    return word_texts(instruction.keyword, instruction.text, instruction.escape)
