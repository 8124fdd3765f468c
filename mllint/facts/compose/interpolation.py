"""The text of a compose value and a look-up in, the value with its `${…}` replaced out.

Knows Compose's rules (https://docs.docker.com/reference/compose-file/interpolation/), not where
variables come from.
"""

import re
from collections.abc import Callable, Mapping

from mllint.facts.commands.variables import Value, apply_operator
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.compose.dotenv import parse_dotenv
from mllint.regex import lazy

_NAME = lazy(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS = (":-", ":+", ":?", "-", "+", "?")
_DEPTH_LIMIT = 20  # `${A:-${B:-…}}`


class Interpolated(NamedTuple):
    """A value after interpolation; chosen: a variable took part, so a user may set it."""

    value: Value
    chosen: bool


def interpolate(
    text: str, lookup: Callable[[str], str | None], unset: str | None = None, depth: int = 0
) -> Interpolated:
    """The value of `text`; `lookup` tells a variable of the `.env` file, None for the others.

    What the shell sets is not known: `${X:-y}` is then `y`, and `${X}` Unknown. unset: what `${X}`
    is instead, where `lookup` tells the variables of the shell, too; `${X:?}` stays Unknown.
    """
    out: list[str] = []
    position, chosen = 0, False
    unknown: Unknown | None = None
    while True:
        dollar = text.find("$", position)
        if dollar < 0:
            out.append(text[position:])
            break
        out.append(text[position:dollar])
        if text.startswith("$$", dollar):
            out.append("$")
            position = dollar + 2
            continue
        value, position = _variable(text, dollar, lookup, unset, depth)
        chosen = True
        if isinstance(value, Unknown):
            unknown = unknown or value
        else:
            out.append(value)
    return Interpolated(unknown or "".join(out), chosen)


def _variable(
    text: str, start: int, lookup: Callable[[str], str | None], unset: str | None, depth: int
) -> tuple[Value, int]:
    """The value of the `$…` at `start`, and the offset behind it."""
    if not text.startswith("${", start):
        match = _NAME.match(text, start + 1)
        if match is None:
            return Unknown(f"{text[start : start + 20]!r} is no variable"), start + 1
        return _value(match[0], "", "", lookup, unset, depth), match.end()
    match = _NAME.match(text, start + 2)
    end = _closing_brace(text, start + 2)
    if match is None or end is None:
        return Unknown(f"{text[start : start + 20]!r} is no variable"), len(text)
    rest = text[match.end() : end]
    operator = next((known for known in _OPERATORS if rest.startswith(known)), "")
    if rest and not operator:
        return Unknown(f"{text[start : end + 1][:40]!r} is no variable"), end + 1
    return _value(match[0], operator, rest[len(operator) :], lookup, unset, depth), end + 1


def _value(
    name: str,
    operator: str,
    operand: str,
    lookup: Callable[[str], str | None],
    unset: str | None,
    depth: int,
) -> Value:
    found = lookup(name)
    if found is None and not operator and unset is not None:
        return unset
    if found is None and operator in ("", ":?", "?"):
        told = "is set where Compose runs" if unset is None else "is not set"
        return Unknown(f"${name} {told}")
    if depth >= _DEPTH_LIMIT:
        return Unknown(f"${name} is nested too deeply")
    return apply_operator(
        name, found, operator, lambda: interpolate(operand, lookup, unset, depth + 1).value
    )


def _closing_brace(text: str, start: int) -> int | None:
    depth, position = 1, start
    while depth:
        found = re.compile(r"\$\{|\}").search(text, position)
        if found is None:
            return None
        depth += 1 if found[0] == "${" else -1
        position = found.end()
    return position - 1


def read_env(text: str, environ: Mapping[str, str] | None) -> dict[str, str]:
    """The variables of a `.env` file.

    environ: those of the shell, which win in what its values are made of; None: not known.
    """
    if environ is None:
        return parse_dotenv(text)

    def expand(value: str, above: dict[str, str]) -> str | None:
        found = interpolate(value, {**above, **environ}.get, "").value
        return found if isinstance(found, str) else None

    return parse_dotenv(text, expand)
