"""A parsed Dockerfile in, what of it only BuildKit builds out, each with its place.

Flags and their first Dockerfile frontend are those of docs.docker.com/reference/dockerfile and of
BuildKit's frontend/dockerfile/docs (github.com/moby/buildkit), read 2026-11-25.
"""

from collections.abc import Iterator

from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Dockerfile, Instruction
from mllint.parse.source import Span
from mllint.regex import lazy

_FLAGS = {
    ("RUN", "mount"): (1, 2),
    ("RUN", "network"): (1, 3),
    ("RUN", "security"): (1, 3),
    ("RUN", "device"): (1, 14),
    ("ADD", "chmod"): (1, 2),
    ("COPY", "chmod"): (1, 2),
    ("ADD", "link"): (1, 4),
    ("COPY", "link"): (1, 4),
    ("ADD", "checksum"): (1, 6),
    ("ADD", "keep-git-dir"): (1, 1),
    ("ADD", "unpack"): (1, 17),
    ("ADD", "exclude"): (1, 19),
    ("COPY", "exclude"): (1, 19),
    ("COPY", "parents"): (1, 20),
}
_HEREDOC = (1, 4)
_PLATFORM = (1, 0)
_PLATFORM_ARGUMENT = lazy(r"\$\{?(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)\b")
_PLATFORM_NAME = lazy(r"(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)")


class Need(NamedTuple):
    """A feature as written (`RUN --mount`), where it stands, and the frontend that brought it."""

    feature: str
    span: Span
    frontend: tuple[int, int]


def buildkit_needs(dockerfile: Dockerfile) -> tuple[Need, ...]:
    """What the classic builder refuses, or does not know, in file order."""
    return tuple(need for each in dockerfile.instructions for need in _needs(each))


def _needs(instruction: Instruction) -> Iterator[Need]:
    keyword = instruction.keyword
    if keyword == "ONBUILD":  # of builds that are FROM this image
        return
    for flag in instruction.flags:
        frontend = _FLAGS.get((keyword, flag.name))
        if frontend is not None:
            yield Need(f"{keyword} --{flag.name}", flag.span, frontend)
        elif keyword == "FROM" and flag.value and _PLATFORM_ARGUMENT.search(flag.value):
            yield Need(f"FROM --platform={flag.value}", flag.span, _PLATFORM)
    if instruction.heredocs:
        yield Need(f"{keyword} <<{instruction.heredocs[0].name}", instruction.span, _HEREDOC)
    if keyword == "ARG":
        for word in instruction.words():
            # Without a value of its own: BuildKit sets it, the classic builder leaves it empty.
            if _PLATFORM_NAME.fullmatch(word.text):
                yield Need(f"ARG {word.text}", instruction.span, _PLATFORM)
