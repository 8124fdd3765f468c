"""Version constraints as poetry writes them in, specifiers of PEP 440 out; reads no file."""

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from mllint.regex import lazy

_PART = lazy(r"\s*(?P<operator>\^|~=|~|===?|!=|<=|>=|<|>|=)?\s*(?P<version>[^\s,]+)\s*")


def poetry_specifier(text: str) -> str | None:
    """`^1.2` -> `>=1.2,<2`, `~1.2` -> `>=1.2,<1.3`, `1.2.*` -> `==1.2.*`, `1.2` -> `==1.2`.

    "" for `*`; None for what PEP 440 cannot say (`^1 || ^2`) and for what is no constraint.
    """
    text = text.strip().removeprefix("(").removesuffix(")").strip()
    if text in ("", "*"):
        return ""
    if "|" in text:
        return None
    parts: list[str] = []
    for piece in re.split(r"[,\s]+(?=[\^~=!<>])|,", text):
        match = _PART.fullmatch(piece)
        part = _part(match["operator"] or "", match["version"]) if match else None
        if part is None:
            return None
        parts.append(part)
    found = ",".join(part for part in parts if part)
    try:
        SpecifierSet(found)
    except InvalidSpecifier:
        return None
    return found


def _part(operator: str, version: str) -> str | None:
    if operator in ("", "=", "==") and version.endswith("*"):
        plain = version.rstrip("*").rstrip(".")
        return f"=={plain}.*" if plain else ""
    if operator in ("", "="):
        return f"=={version}"
    if operator not in ("^", "~"):
        return operator + version
    try:
        release = Version(version).release
    except InvalidVersion:
        return None
    upper = _caret(release) if operator == "^" else _tilde(release)
    return f">={version},<{upper}"


def _caret(release: tuple[int, ...]) -> str:
    """The first version in which the leftmost number that is not zero has changed."""
    place = next((i for i, number in enumerate(release) if number), len(release) - 1)
    numbers = [*release[:place], release[place] + 1]
    return ".".join(str(number) for number in numbers)


def _tilde(release: tuple[int, ...]) -> str:
    """`~1` is below 2; `~1.2` and `~1.2.3` are below 1.3."""
    if len(release) == 1:
        return str(release[0] + 1)
    return f"{release[0]}.{release[1] + 1}"
