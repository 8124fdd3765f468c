"""A value of what verify found out in, the same without credentials out: what reports print.

This comes first, before any text is cut short or escaped: half a credential is not recognised.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

from mllint.facts.project import Project

Kind = TypeVar("Kind")


def redacted(value: Kind, redact: Callable[[str], str]) -> Kind:
    """The value with each of its texts changed; a plan in it stays as it is."""
    changed: Kind = _changed(value, redact)
    return changed


def _changed(value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401 - of any shape
    if isinstance(value, Project | Enum):
        return value
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _changed(inner, redact) for key, inner in value.items()}
    if isinstance(value, tuple):
        inner = [_changed(each, redact) for each in value]
        return type(value)(*inner) if hasattr(value, "_fields") else tuple(inner)
    return value
