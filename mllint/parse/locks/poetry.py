"""The text of a poetry.lock in, its packages and what each needs out."""

from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from mllint.parse.locks.lock import (
    Edge,
    Lock,
    LockedPackage,
    name_of,
    table,
    tables,
    text,
    version_of,
)
from mllint.parse.locks.places import package_spans
from mllint.parse.pyproject.entries import strings
from mllint.parse.pyproject.poetry_versions import poetry_specifier
from mllint.parse.requirements import BadLine, parse_requirement
from mllint.parse.source import MappedText, SourceFile, Span
from mllint.parse.toml_text import load_lock


def read_poetry_lock(source: SourceFile) -> Lock:
    """The lock; raises InputError when the text is no TOML."""
    data = load_lock(source)
    listed = tables(data.get("package"))
    spans = package_spans(source, len(listed))
    return Lock(
        source.path,
        tuple(_package(item, span) for item, span in zip(listed, spans, strict=True)),
        extras={
            canonicalize_name(extra): tuple(Edge(canonicalize_name(n)) for n in strings(names))
            for extra, names in table(data.get("extras")).items()
        },
        python=text(table(data.get("metadata")).get("python-versions")),
    )


def _package(item: dict[str, Any], span: Span) -> LockedPackage:
    source = table(item.get("source"))
    legacy = source.get("type") == "legacy"
    place = text(source.get("url"))
    if source.get("type") == "git":
        place = f"git+{place}"
    needs = table(item.get("dependencies"))
    groups = strings(item.get("groups"))
    return LockedPackage(
        name=name_of(item),
        version=version_of(item.get("version")),
        span=span,
        registry=place if legacy else None,
        url=None if legacy else place,
        origin=place.rstrip("/") if legacy and place else None,
        marker=_marker(item.get("markers")),
        groups=frozenset(map(canonicalize_name, groups)) if groups else None,
        needs=tuple(_edges(needs)),
        extras=_extras(table(item.get("extras")), needs),
    )


def _marker(value: object) -> str | None:
    """The marker of a package; those of its groups joined, where they differ."""
    if isinstance(value, dict):
        found = [marker for marker in value.values() if isinstance(marker, str)]
        return " or ".join(f"({marker})" for marker in found) or None
    return text(value)


def _edges(needs: dict[str, Any]) -> Iterator[Edge]:
    """Dependencies that are always needed; optional ones come with the package's extras."""
    for name, value in needs.items():
        for item in value if isinstance(value, list) else [value]:
            if not (isinstance(item, dict) and item.get("optional") is True):
                yield _edge(name, item)


def _edge(name: str, value: object) -> Edge:
    item = value if isinstance(value, dict) else {"version": value}
    version = text(item.get("version"))
    return Edge(
        canonicalize_name(name),
        text(item.get("markers")),
        tuple(canonicalize_name(extra) for extra in strings(item.get("extras"))),
        specifier=poetry_specifier(version) if version else None,
    )


def _extras(listed: dict[str, Any], needs: dict[str, Any]) -> dict[str, tuple[Edge, ...]]:
    """`gpu = ["onnxruntime-gpu (>=1.17)"]`, of which the dependencies tell the marker."""
    optional: dict[str, Any] = {canonicalize_name(name): value for name, value in needs.items()}
    found: dict[str, tuple[Edge, ...]] = {}
    for extra, texts in listed.items():
        edges: list[Edge] = []
        for written in strings(texts):
            line = parse_requirement(MappedText(written, (0,), ((1, 1),)))
            if isinstance(line, BadLine) or line.name is None:
                continue
            values = optional.get(line.name)
            for value in values if isinstance(values, list) else [values]:
                edges.append(_edge(line.name, value)._replace(marker=None))
        found[canonicalize_name(extra)] = tuple(edges)
    return found
