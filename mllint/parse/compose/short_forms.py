"""The short forms of a compose file in, their parts out: sizes, mounts, `NAME=VALUE`, commands."""

import re
import shlex

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy

_SIZE_DIGITS = 40
_SIZE = lazy(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kmgtp]?)(?:i?b)?\s*", re.IGNORECASE)
_UNITS = {unit: 1024**power for power, unit in enumerate(("", "k", "m", "g", "t", "p"))}
_VARIABLE = lazy(r"\$\{[^${}]*(?:\$[^${}]*)*\}")
_WINDOWS = lazy(r"[A-Za-z]:[\\/]")


class ShortMount(NamedTuple):
    """`source:target:mode`; source is "" for a volume without a name."""

    source: str
    target: str

    @property
    def is_path(self) -> bool:
        """Whether the source is a folder of the host, not the name of a volume."""
        return self.source.startswith((".", "/", "~", "$")) or bool(_WINDOWS.match(self.source))


def parse_size(text: str) -> int | None:
    """The bytes of `8gb`, `2g`, `67108864`; None for what Docker reads as no size.

    Units are powers of 1024 (https://docs.docker.com/reference/compose-file/extension/).
    """
    match = _SIZE.fullmatch(text)
    # A number of 400 digits is no size that a computer has, and none that a float holds.
    if match is None or len(match["number"]) > _SIZE_DIGITS:
        return None
    return int(float(match["number"]) * _UNITS[match["unit"].lower()])


def written_mount(text: str) -> ShortMount:
    """The same of a text with variables in it, which stay: `${DATA}:/data` has a known target."""
    masked, count = text, 1
    while count:
        masked, count = _VARIABLE.subn("$V", masked, count=100)
    return short_mount(masked)


def short_mount(text: str) -> ShortMount:
    """The parts of a volume in its short form: `./data:/data:ro`, `cache:/root/.cache`, `/x`."""
    start = 2 if _WINDOWS.match(text) else 0
    source, colon, rest = text[start:].partition(":")
    if not colon:
        return ShortMount("", text)
    return ShortMount(text[:start] + source, rest.partition(":")[0])


def split_command(text: str) -> tuple[str, ...] | None:
    """The words of a command in its string form; None when its quotes do not close."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return None
