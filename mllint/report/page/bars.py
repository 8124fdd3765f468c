"""Names and sizes in, a bar chart out."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from mllint.named_tuple import NamedTuple
from mllint.report.page.drawing import WIDTH, box, group, label, picture
from mllint.report.size import size_text

BASE = "base image"
"""The place of what the Dockerfile did not bring: its bars are pale."""
_ROW = 36
_VALUE = 62
_MOST_CHARS = 62


class Bar(NamedTuple):
    """One line of a chart; place: where it comes from, such as `line 4`."""

    name: str
    size_bytes: int
    place: str = ""


def bar_chart(title: str, bars: Sequence[Bar]) -> Element:
    """The bars, the longest as long as the chart is wide."""
    longest = max((bar.size_bytes for bar in bars), default=0) or 1
    rows = [_row(number, bar, longest) for number, bar in enumerate(bars)]
    return picture(title, len(bars) * _ROW, *rows)


def _row(number: int, bar: Bar, longest: int) -> Element:
    y = number * _ROW
    room = WIDTH - _VALUE
    width = max(room * bar.size_bytes / longest, 1)
    name = ": ".join(each for each in (bar.place, bar.name) if each)
    size = size_text(bar.size_bytes)
    return group(
        f"{name}, {size}",
        label(0, y + 12, name, "code", most=_MOST_CHARS),
        box(0, y + 17, room, 10, "track"),
        box(0, y + 17, round(width, 1), 10, "bar other" if bar.place == BASE else "bar"),
        label(room + 8, y + 26, size, "small"),
    )
