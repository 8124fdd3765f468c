"""What takes the space of an image in, the charts and tables of it out."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from mllint.report.markup import element
from mllint.report.page.bars import BASE, Bar, bar_chart
from mllint.report.page.checks import folded, section, table
from mllint.report.size import size_text
from mllint.report.text import plural
from mllint.verify.comparing.sizes import ImageSizes, LayerSize, PackageSize

_MOST_BARS = 12
_MOST_ROWS = 12
_HEADS = ("", "path", "size")


def space_sections(sizes: ImageSizes, *, built: bool) -> Iterator[Element]:
    """Layers beside packages, then what lies there twice or was left.

    built: from a Dockerfile, so that a layer without a line is one of the base image.
    """
    parts = [_layers(sizes, BASE if built else "")]
    if sizes.packages:
        parts.append(_packages("Python packages", sizes.packages_bytes, sizes.packages))
    elif sizes.system_packages:
        total = sum(each.size_bytes for each in sizes.system_packages)
        parts.append(_packages("Largest distribution packages", total, sizes.system_packages))
    yield element("div", *parts, attributes={"class": "pair"})
    rows = list(_savings(sizes))
    if rows:
        shown = [table(_HEADS, rows[:_MOST_ROWS])]
        if rows[_MOST_ROWS:]:
            shown.append(folded("the others", table(_HEADS, rows[_MOST_ROWS:])))
        yield section("Space to save", *shown)


def _savings(sizes: ImageSizes) -> Iterator[tuple[str, str, str]]:
    for twin in sizes.twins:
        for number, copy in enumerate(twin.copies, start=1):
            name = f"{twin.name} ({number} of {len(twin.copies)})"
            yield name, copy.path, size_text(copy.size_bytes)
    for left in sizes.leftovers:
        yield left.what, left.path, size_text(left.size_bytes)


def _layers(sizes: ImageSizes, elsewhere: str) -> Element:
    filled = [layer for layer in sizes.layers if layer.size_bytes]
    largest = sorted(filled, key=lambda layer: -layer.size_bytes)[:_MOST_BARS]
    shown = [layer for layer in filled if any(layer is each for each in largest)]
    text = f"{size_text(sizes.total_bytes)} in {plural(len(filled), 'layer')}"
    bars = [Bar(layer.text, layer.size_bytes, _place(layer, elsewhere)) for layer in shown]
    told = element("p", _of(text, len(shown), len(filled)))
    return section("Layers", told, bar_chart("Layers", bars))


def _place(layer: LayerSize, elsewhere: str) -> str:
    return elsewhere if layer.location is None else f"line {layer.location.span.line}"


def _packages(title: str, total: int, packages: tuple[PackageSize, ...]) -> Element:
    shown = [Bar(f"{each.name} {each.version}", each.size_bytes) for each in packages[:_MOST_BARS]]
    text = f"{size_text(total)} in {plural(len(packages), 'package')}"
    return section(
        title, element("p", _of(text, len(shown), len(packages))), bar_chart(title, shown)
    )


def _of(text: str, shown: int, all_of_them: int) -> str:
    return text if shown == all_of_them else f"{text}, the largest {shown}:"
