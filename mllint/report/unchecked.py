"""What was not checked in, lines for a person out: one for each reason, with its first places."""

from collections.abc import Iterable, Iterator, Sequence

from mllint.finding import Unchecked
from mllint.parse.source import Location
from mllint.report.text import place_text
from mllint.report.visible import visible

_PLACES = 3
"""As many places are named; of more, how many."""


def unchecked_lines(unchecked: Iterable[Unchecked]) -> Iterator[str]:
    """One line for each reason why something was not checked, with its first places."""
    places: dict[str, list[Location]] = {}
    for each in unchecked:
        places.setdefault(each.reason, []).append(each.location)
    for reason, found in places.items():
        named, more = ", ".join(_places(found[:_PLACES])), len(found) - _PLACES
        yield f"  {named}{f' and {more} more' if more > 0 else ''}: {visible(reason)}"


def _places(locations: Sequence[Location]) -> Iterator[str]:
    """`a:1:1`, `2:1`, `b:1:1`: the file is named where it is another one."""
    path = None
    for location in locations:
        span = location.span
        yield f"{span.line}:{span.column}" if location.path == path else place_text(location)
        path = location.path
