"""The instructions of a Dockerfile in, what the builder refuses before it runs anything out.

Messages are BuildKit's (frontend/dockerfile, github.com/moby/buildkit, read 2026-11-24).
Knows grammar only: no value of a variable, no image, no file of the build context.
"""

from collections.abc import Callable, Iterator, Sequence

from mllint.parse.dockerfile.arguments import (
    refuse_bad_pair,
    refuse_bad_stage,
    refuse_blank_name,
    refuse_blank_volume,
    refuse_heredoc_destination,
    refuse_missing_destination,
    refuse_none,
    refuse_not_one,
    refuse_other_than_strings,
    refuse_plain_shell,
    refuse_trigger,
    refuse_variable_stage,
)
from mllint.parse.dockerfile.expansion import refuse_expansion
from mllint.parse.dockerfile.flags import (
    Refusal,
    nearest,
    refuse_flags,
)
from mllint.parse.dockerfile.healthcheck import refuse_healthcheck
from mllint.parse.dockerfile.instruction import Instruction, SyntaxProblem
from mllint.parse.dockerfile.mounts import refuse_run_flags
from mllint.parse.source import Span
from mllint.regex import lazy

# Bytes that the builder reads a line into, its newline included.
_LINE_BUFFER_BYTES = 65_536
_LONGEST_MESSAGE = 400
_DOCKER_FRONTEND = lazy(r"(?:.*/)?docker/dockerfile(?:-upstream)?(?:[:@].*)?")

Check = Callable[[Instruction], Refusal | None]


def is_docker_grammar(syntax: str | None) -> bool:
    """Whether a `# syntax=` value names Docker's own frontend, or a mirror of it."""
    return syntax is None or _DOCKER_FRONTEND.fullmatch(syntax) is not None


def find_problems(
    instructions: Sequence[Instruction], lines: Sequence[str]
) -> Iterator[SyntaxProblem]:
    """The first thing that the builder refuses about each instruction, and about the whole file.

    Of unknown instructions that follow each other the first one is told: a lost backslash, or
    lines of another file, make one mistake.
    """
    yield from _too_long_lines(lines)
    if not instructions:
        message = "file with no instructions"
        yield SyntaxProblem(Span(1, 1, 1, 1), message, "start the file with FROM and an image")
        return
    known = True
    for instruction in instructions:
        repeated = not known
        known = instruction.keyword in _CHECKS
        refusal = None if repeated and not known else _refusal(instruction, lines)
        if refusal is not None:
            message = refusal.message
            if len(message) > _LONGEST_MESSAGE:  # it may quote a line of any length
                message = message[:_LONGEST_MESSAGE] + "…"
            yield SyntaxProblem(refusal.span or instruction.span, message, refusal.help)
    first = next((item for item in instructions if item.keyword != "ARG"), None)
    if first is None:
        message = "dockerfile contains no stages to build"
        yield SyntaxProblem(
            instructions[-1].span, message, "add FROM and an image", is_fragment=True
        )
    elif first.keyword != "FROM" and first.keyword in _CHECKS:
        message = "no build stage in current context"
        help_ = "put FROM above this line; only ARG may stand before the first FROM"
        yield SyntaxProblem(first.span, message, help_, is_fragment=True)


def _too_long_lines(lines: Sequence[str]) -> Iterator[SyntaxProblem]:
    for number, line in enumerate(lines, 1):
        # No character takes more than 4 bytes.
        if len(line) * 4 < _LINE_BUFFER_BYTES:
            continue
        if len(line.encode(errors="replace")) >= _LINE_BUFFER_BYTES:
            limit = _LINE_BUFFER_BYTES - 1
            message = f"dockerfile line greater than max allowed size of {limit}"
            span = Span(number, 1, number, len(line) + 1)
            yield SyntaxProblem(span, message, "break the line with a backslash, or COPY a file")


def _refusal(instruction: Instruction, lines: Sequence[str]) -> Refusal | None:
    checks = _CHECKS.get(instruction.keyword)
    if checks is None:
        return _unknown_instruction(instruction, lines)
    for check in checks:
        refusal = check(instruction)
        if refusal is not None:
            return refusal
    return None


def _unknown_instruction(instruction: Instruction, lines: Sequence[str]) -> Refusal:
    keyword, span = instruction.keyword, instruction.span
    written = lines[span.line - 1][span.column - 1 :][: len(keyword)]
    if written.upper() != keyword:  # spread over lines: `FR\`, `OM x`
        written = keyword
    message = f"unknown instruction: {written}"
    near = nearest(keyword, _CHECKS)
    if near is None:
        help_ = "start the line with a Dockerfile keyword, or end the line above with a backslash"
        return Refusal(message, help_)
    near = near.lower() if written == written.lower() else near
    return Refusal(f"{message} (did you mean {near}?)", f"write {near}")


_FILES = (
    refuse_other_than_strings,
    refuse_missing_destination,
    refuse_flags,
    refuse_heredoc_destination,
    refuse_variable_stage,
    refuse_expansion,
)
_ONE_VALUE = (refuse_not_one, refuse_flags, refuse_expansion)
_NAMES_AND_VALUES = (
    refuse_bad_pair,
    refuse_flags,
    refuse_none,
    refuse_blank_name,
    refuse_expansion,
)

# In the order in which the builder looks; the first refusal is the one that it prints.
_CHECKS: dict[str, tuple[Check, ...]] = {
    "ADD": _FILES,
    "ARG": (refuse_none, refuse_blank_name),
    "CMD": (refuse_other_than_strings, refuse_flags),
    "COPY": _FILES,
    "ENTRYPOINT": (refuse_other_than_strings, refuse_flags),
    "ENV": _NAMES_AND_VALUES,
    "EXPOSE": (refuse_none, refuse_flags, refuse_expansion),
    "FROM": (refuse_bad_stage, refuse_flags, refuse_expansion),
    "HEALTHCHECK": (refuse_other_than_strings, refuse_none, refuse_healthcheck),
    "LABEL": _NAMES_AND_VALUES,
    "MAINTAINER": (refuse_not_one, refuse_flags),
    "ONBUILD": (refuse_none, refuse_flags, refuse_trigger),
    "RUN": (refuse_other_than_strings, refuse_flags, refuse_run_flags),
    "SHELL": (refuse_other_than_strings, refuse_flags, refuse_none, refuse_plain_shell),
    "STOPSIGNAL": (refuse_not_one, refuse_expansion),
    "USER": _ONE_VALUE,
    "VOLUME": (
        refuse_other_than_strings,
        refuse_none,
        refuse_flags,
        refuse_blank_volume,
        refuse_expansion,
    ),
    "WORKDIR": _ONE_VALUE,
}
