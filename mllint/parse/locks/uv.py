"""The text of a uv.lock in, its packages and what each needs out."""

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
from mllint.parse.source import SourceFile, Span
from mllint.parse.toml_text import load_lock


def read_uv_lock(source: SourceFile) -> Lock:
    """The lock; raises InputError when the text is no TOML."""
    data = load_lock(source)
    listed = tables(data.get("package"))
    spans = package_spans(source, len(listed))
    manifest = table(data.get("manifest"))
    return Lock(
        source.path,
        tuple(_package(item, span) for item, span in zip(listed, spans, strict=True)),
        groups=_edges_by_name(manifest.get("dependency-groups")),
        members=tuple(canonicalize_name(name) for name in strings(manifest.get("members"))),
        python=text(data.get("requires-python")),
    )


def _package(item: dict[str, Any], span: Span) -> LockedPackage:
    source = table(item.get("source"))
    return LockedPackage(
        name=name_of(item),
        version=version_of(item.get("version")),
        span=span,
        registry=text(source.get("registry")),
        url=_url(source),
        origin=_origin(source),
        needs=tuple(_edge(edge) for edge in tables(item.get("dependencies"))),
        extras=_edges_by_name(item.get("optional-dependencies")),
        group_needs=_edges_by_name(item.get("dev-dependencies")),
    )


def _url(source: dict[str, Any]) -> str | None:
    """What takes the place of an index: a repository, an archive, a folder of the project."""
    repository = text(source.get("git"))
    if repository is not None:
        return f"git+{repository}"
    kinds = ("url", "path", "directory", "editable", "virtual")
    return next((found for kind in kinds if (found := text(source.get(kind)))), None)


def _origin(source: dict[str, Any]) -> str | None:
    return next((f"{kind}={value}" for kind, value in source.items()), None)


def _edges_by_name(value: object) -> dict[str, tuple[Edge, ...]]:
    return {
        canonicalize_name(name): tuple(_edge(edge) for edge in tables(edges))
        for name, edges in table(value).items()
    }


def _edge(item: dict[str, Any]) -> Edge:
    source = table(item.get("source"))
    return Edge(
        name_of(item),
        text(item.get("marker")),
        tuple(canonicalize_name(extra) for extra in strings(item.get("extra"))),
        text(item.get("version")),
        _origin(source),
    )
