"""The flags of an instruction in, what the builder refuses about their names out.

Knows every flag that a released Dockerfile frontend takes, not what their values mean. Taken from
BuildKit's frontend/dockerfile/instructions (github.com/moby/buildkit, read 2026-11-24).
"""

from collections.abc import Iterable

from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile.instruction import Flag, Instruction
from mllint.parse.source import Span


class Refusal(NamedTuple):
    """Why the builder refuses an instruction; `span` is None for the whole of it."""

    message: str
    help: str
    span: Span | None = None


_FLAGS: dict[str, tuple[str, ...]] = {
    "ADD": ("checksum", "chmod", "chown", "exclude", "keep-git-dir", "link", "unpack"),
    "COPY": ("chmod", "chown", "exclude", "from", "link", "parents"),
    "FROM": ("platform",),
    "HEALTHCHECK": ("interval", "retries", "start-interval", "start-period", "timeout"),
    "RUN": ("device", "mount", "network", "security"),
}
# Whatever the instruction; all others take a value, once.
_SWITCHES = frozenset(("keep-git-dir", "link", "parents", "unpack"))
_REPEATED = frozenset(("device", "exclude", "mount"))


def refuse_flags(instruction: Instruction) -> Refusal | None:
    """What is wrong with the names and values of the flags."""
    known = _FLAGS.get(instruction.keyword, ())
    used: set[str] = set()
    for flag in instruction.flags:
        if flag.name not in known:
            return _unknown_flag(flag, known)
        if flag.name in used and flag.name not in _REPEATED:
            message = f"duplicate flag specified: --{flag.name}"
            return Refusal(message, f"give --{flag.name} once", flag.span)
        used.add(flag.name)
        is_switch = flag.name in _SWITCHES
        if flag.value == "" if is_switch else flag.value is None:
            message = f"missing a value on flag: --{flag.name}"
            return Refusal(message, f"write --{flag.name}=VALUE", flag.span)
        if is_switch and (flag.value or "true").lower() not in ("true", "false"):
            message = f"expecting boolean value for flag --{flag.name}, not: {flag.value}"
            return Refusal(message, f"write --{flag.name} alone, or delete it", flag.span)
    return None


def _unknown_flag(flag: Flag, known: tuple[str, ...]) -> Refusal:
    message = f"unknown flag: --{flag.name}"
    near = nearest(flag.name, known)
    if near is not None:
        return Refusal(f"{message} (did you mean {near}?)", f"write --{near}", flag.span)
    names = ", ".join(f"--{name}" for name in known)
    return Refusal(message, f"use one of {names}" if names else "delete the flag", flag.span)


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option at most two letters away from `word`, or None."""
    best, best_distance = None, 3
    for option in options:
        if abs(len(option) - len(word)) < best_distance:
            distance = _distance(word, option)
            if distance < best_distance:
                best, best_distance = option, distance
    return best


def _distance(one: str, other: str) -> int:
    """How many letters must be added, dropped, changed, or swapped with the next one."""
    before: list[int] = []
    previous = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        current = [row]
        for column, opposite in enumerate(other, 1):
            change = previous[column - 1] + (char != opposite)
            distance = min(previous[column] + 1, current[-1] + 1, change)
            if one[row - 2 : row] == other[column - 2 : column][::-1] and min(row, column) > 1:
                distance = min(distance, before[column - 2] + 1)
            current.append(distance)
        before, previous = previous, current
    return previous[-1]
