"""A tag, its attributes and children in, an XML element out: no text in it can be markup.

What comes out holds only characters that XML 1.0 has and that cannot steer a terminal.
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from mllint.report.visible import visible_lines

Child = Element | str | None
_NO_XML = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}


def element(
    tag: str, *children: Child, attributes: Mapping[str, str | float | None] | None = None
) -> Element:
    """The element; children and attributes that are None are left out."""
    made = Element(tag)
    for name, value in (attributes or {}).items():
        if value is not None:
            made.set(name, harmless(value if isinstance(value, str) else f"{value:g}"))
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            made.append(child)
            last = child
        elif child is not None and last is None:
            made.text = (made.text or "") + harmless(child)
        elif child is not None and last is not None:
            last.tail = (last.tail or "") + harmless(child)
    return made


def harmless(text: str) -> str:
    """The text, each character that is not plainly printed as an escape; its lines stay."""
    return visible_lines(text).translate(_NO_XML)
