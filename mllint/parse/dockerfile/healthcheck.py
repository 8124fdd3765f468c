"""A HEALTHCHECK in, what the builder refuses about it out: its type, durations and retries.

Taken from BuildKit's frontend/dockerfile/instructions (github.com/moby/buildkit, read 2026-11-24).
"""

import re

from mllint.parse.dockerfile.flags import Refusal, refuse_flags
from mllint.parse.dockerfile.instruction import Instruction

# Compiled on first use: few files have a HEALTHCHECK with flags.
_DURATION = r"""
    [+-]?
    (?: 0 | (?: (?:[0-9]+\.?[0-9]*|\.[0-9]+) (?P<unit>ns|us|µs|μs|ms|s|m|h) )+ )
"""


def refuse_healthcheck(instruction: Instruction) -> Refusal | None:
    """What is wrong with type, command or flags; the arguments are not empty."""
    kind, *others = instruction.text.split(None, 1)
    rest = others[0] if others else ""
    if kind.upper() == "NONE":
        if not rest or instruction.exec_form == ():
            return None
        return Refusal("HEALTHCHECK NONE takes no arguments", "write HEALTHCHECK NONE alone")
    refusal = refuse_flags(instruction)
    if refusal is not None:
        return refusal
    if kind.upper() != "CMD":
        message = f'Unknown type "{kind.upper()}" in HEALTHCHECK (try CMD)'
        return Refusal(message, "write HEALTHCHECK CMD and the command")
    if not rest or instruction.exec_form == ():
        return Refusal("Missing command after HEALTHCHECK CMD", "write the command after CMD")
    return _refuse_values(instruction)


def _refuse_values(instruction: Instruction) -> Refusal | None:
    """What is wrong with the durations and the number of retries."""
    for flag in instruction.flags:
        value = flag.value or ""
        if not value:
            continue
        if flag.name == "retries":
            if not re.fullmatch(r"[+-]?[0-9]{1,10}", value):
                message = f'strconv.ParseInt: parsing "{value}": invalid syntax'
                return Refusal(message, "write --retries= and a number", flag.span)
            if int(value) < 0:
                message = f"--retries cannot be negative ({value})"
                return Refusal(message, "write --retries= and a number", flag.span)
        elif not (match := re.fullmatch(_DURATION, value, re.VERBOSE)):
            reason = "missing unit in" if re.fullmatch(r"[0-9.]+", value) else "invalid"
            message = f'time: {reason} duration "{value}"'
            return Refusal(message, f"write a duration with its unit: --{flag.name}=30s", flag.span)
        elif value[0] == "-" and match["unit"]:
            message = f'Interval "{flag.name}" cannot be less than 1ms'
            return Refusal(message, f"write a duration above 1ms: --{flag.name}=30s", flag.span)
    return None
