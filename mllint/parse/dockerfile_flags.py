"""The flags of an instruction in, what the builder refuses about their names out.

Knows every flag that a released Dockerfile frontend takes, not what their values mean. Taken from
BuildKit's frontend/dockerfile/instructions (github.com/moby/buildkit, read 2026-11-24).
"""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from mllint.parse.instruction import Flag, Instruction
from mllint.parse.source import Span


class FlagKind(Enum):
    """What may follow a flag's name."""

    BOOLEAN = "an optional true or false"
    ONE = "a value, once"
    MANY = "a value, any number of times"


class Refusal(NamedTuple):
    """Why the builder refuses an instruction; `span` is None for the whole of it."""

    message: str
    help: str
    span: Span | None = None


_FLAGS: dict[str, dict[str, FlagKind]] = {
    "ADD": {
        "checksum": FlagKind.ONE,
        "chmod": FlagKind.ONE,
        "chown": FlagKind.ONE,
        "exclude": FlagKind.MANY,
        "keep-git-dir": FlagKind.BOOLEAN,
        "link": FlagKind.BOOLEAN,
        "unpack": FlagKind.BOOLEAN,
    },
    "COPY": {
        "chmod": FlagKind.ONE,
        "chown": FlagKind.ONE,
        "exclude": FlagKind.MANY,
        "from": FlagKind.ONE,
        "link": FlagKind.BOOLEAN,
        "parents": FlagKind.BOOLEAN,
    },
    "FROM": {"platform": FlagKind.ONE},
    "HEALTHCHECK": {
        "interval": FlagKind.ONE,
        "retries": FlagKind.ONE,
        "start-interval": FlagKind.ONE,
        "start-period": FlagKind.ONE,
        "timeout": FlagKind.ONE,
    },
    "RUN": {
        "device": FlagKind.MANY,
        "mount": FlagKind.MANY,
        "network": FlagKind.ONE,
        "security": FlagKind.ONE,
    },
}


def refuse_flags(instruction: Instruction) -> Refusal | None:
    """What is wrong with the names and values of the flags."""
    known = _FLAGS.get(instruction.keyword, {})
    used: set[str] = set()
    for flag in instruction.flags:
        kind = known.get(flag.name)
        if kind is None:
            return _unknown_flag(flag, known)
        if flag.name in used and kind is not FlagKind.MANY:
            message = f"duplicate flag specified: --{flag.name}"
            return Refusal(message, f"give --{flag.name} once", flag.span)
        used.add(flag.name)
        if flag.value is None if kind is not FlagKind.BOOLEAN else flag.value == "":
            message = f"missing a value on flag: --{flag.name}"
            return Refusal(message, f"write --{flag.name}=VALUE", flag.span)
        if kind is FlagKind.BOOLEAN and (flag.value or "true").lower() not in ("true", "false"):
            message = f"expecting boolean value for flag --{flag.name}, not: {flag.value}"
            return Refusal(message, f"write --{flag.name} alone, or delete it", flag.span)
    return None


def _unknown_flag(flag: Flag, known: dict[str, FlagKind]) -> Refusal:
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
    """How many letters must be added, dropped or changed (Levenshtein)."""
    previous = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        current = [row]
        for column, opposite in enumerate(other, 1):
            change = previous[column - 1] + (char != opposite)
            current.append(min(previous[column] + 1, current[-1] + 1, change))
        previous = current
    return previous[-1]
