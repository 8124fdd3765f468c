"""What a failed build printed in, the row that explains it out."""

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, read_rows


class BuildFailureRow(NamedTuple):
    """A failure that is known: what it prints, what that means, and the rule about it."""

    name: str
    pattern: str
    also: str | None
    message: str
    help: str
    rule: str | None
    confidence: Confidence


class KnownFailure(NamedTuple):
    """A failure that was recognised; `rule` is None when no rule is about it."""

    name: str
    message: str
    help: str
    rule: str | None


class BuildFailureTable:
    """build_failures.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _rows(self) -> tuple[BuildFailureRow, ...]:
        return read_rows(self._folder / "build_failures.csv", BuildFailureRow)

    def explain(self, lines: Iterable[str]) -> KnownFailure | None:
        """What the first row says that fits one of the lines; None for a failure not known."""
        told = tuple(lines)
        for row in self._rows:
            match = _first_match(row.pattern, told)
            if match and (row.also is None or _first_match(row.also, told)):
                what = match.groupdict().get("what") or "it"
                message = row.message.replace("{what}", what)
                return KnownFailure(row.name, message, row.help, row.rule)
        return None


def _first_match(pattern: str, lines: Iterable[str]) -> re.Match[str] | None:
    compiled = re.compile(pattern)
    return next((match for line in lines if (match := compiled.search(line))), None)
