"""The short forms of a compose file in, their parts out: sizes, mounts, `NAME=VALUE`, commands."""

import re
import shlex

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy

_SIZE_DIGITS = 40
_SIZE = lazy(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[kmgtp]?)(?:i?b)?\s*", re.IGNORECASE)
_UNITS = {unit: 1024**power for power, unit in enumerate(("", "k", "m", "g", "t", "p"))}
_DURATION = lazy(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6}(?:\.\d+)?)s)?(?:(\d{1,9})ms)?")
_VARIABLE = lazy(r"\$\{[^${}]*(?:\$[^${}]*)*\}")
_WINDOWS = lazy(r"[A-Za-z]:[\\/]")


class ShortMount(NamedTuple):
    """`source:target:mode`; source is "" for a volume without a name, mode where none is given."""

    source: str
    target: str
    mode: str = ""

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
    target, _, mode = rest.partition(":")
    return ShortMount(text[:start] + source, target, mode)


def parse_duration(text: str) -> float | None:
    """The seconds of `1m30s`, `90s`, `500ms`; None for what is none."""
    parts = _DURATION.fullmatch(text.strip())
    if parts is None or not text.strip():
        return None
    hours, minutes, seconds, thousandths = (float(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def split_command(text: str) -> tuple[str, ...] | None:
    """The words of a command in its string form; None when its quotes do not close."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return None
