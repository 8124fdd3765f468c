"""Coordinates and texts in, elements of an inline SVG out; colours come from the page's classes."""

from xml.etree.ElementTree import Element

from mllint.report.markup import Child, element, harmless

WIDTH = 420
"""Of every picture, in its own units: on a narrow page they are shown a little smaller."""


def picture(label: str, height: float, *parts: Child) -> Element:
    """The whole drawing; label: what is read out in its place."""
    view = f"0 0 {WIDTH} {height:g}"
    return element("svg", *parts, attributes={"viewBox": view, "role": "img", "aria-label": label})


def box(x: float, y: float, width: float, height: float, kind: str, *parts: Child) -> Element:
    """A rectangle of that class."""
    shape: dict[str, str | float] = {"x": x, "y": y, "width": width, "height": height, "rx": 4}
    return element("rect", *parts, attributes={**shape, "class": kind})


def label(x: float, y: float, text: str, kind: str = "", *, most: int = 200) -> Element | None:
    """A line of text whose baseline begins there; cut off, it is told whole on pointing at it."""
    whole = " ".join(harmless(text).split())
    if not whole:
        return None
    shown = whole if len(whole) <= most else f"{whole[: most - 1]}…"
    told = element("title", whole) if shown != whole else None
    return element("text", told, shown, attributes={"x": x, "y": y, "class": kind or None})


def path(way: str, kind: str) -> Element:
    """A line along that way."""
    return element("path", attributes={"d": way, "class": kind})


def group(title: str | None, *parts: Child) -> Element:
    """Parts that are one thing; title: told on pointing at it."""
    return element("g", element("title", title) if title else None, *parts)
