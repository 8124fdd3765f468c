"""The text of a pylock.toml (PEP 751) in, its packages out; each with the marker that it has."""

from typing import Any

from packaging.utils import canonicalize_name

from mllint.parse.locks.lock import Lock, LockedPackage, name_of, table, tables, text, version_of
from mllint.parse.locks.places import package_spans
from mllint.parse.pyproject.entries import strings
from mllint.parse.source import SourceFile, Span
from mllint.parse.toml_text import load_toml


def read_pylock(source: SourceFile) -> Lock:
    """The lock; raises InputError when the text is no TOML."""
    data = load_toml(source).data
    listed = tables(data.get("packages"))
    spans = package_spans(source, len(listed), "packages")
    return Lock(
        source.path,
        tuple(_package(item, span) for item, span in zip(listed, spans, strict=True)),
        python=text(data.get("requires-python")),
        default_groups=tuple(map(canonicalize_name, strings(data.get("default-groups")))),
    )


def _package(item: dict[str, Any], span: Span) -> LockedPackage:
    vcs, archive, folder = (table(item.get(kind)) for kind in ("vcs", "archive", "directory"))
    places = (vcs.get("url"), archive.get("url"), archive.get("path"), folder.get("path"))
    return LockedPackage(
        name=name_of(item),
        version=version_of(item.get("version")),
        span=span,
        registry=text(item.get("index")),
        url=next((found for place in places if (found := text(place))), None),
        marker=text(item.get("marker")),
    )
