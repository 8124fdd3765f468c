"""The text of a pdm.lock in, its packages with the groups they are locked for out."""

from typing import Any

from packaging.utils import canonicalize_name

from mllint.parse.locks.lock import Edge, Lock, LockedPackage, name_of, tables, text, version_of
from mllint.parse.locks.places import package_spans
from mllint.parse.pyproject.entries import strings
from mllint.parse.requirements import BadLine, parse_requirement
from mllint.parse.source import MappedText, SourceFile, Span
from mllint.parse.toml_text import load_lock


def read_pdm_lock(source: SourceFile) -> Lock:
    """The lock; raises InputError when the text is no TOML."""
    data = load_lock(source)
    listed = tables(data.get("package"))
    spans = package_spans(source, len(listed))
    packages = [_package(item, span) for item, span in zip(listed, spans, strict=True)]
    return Lock(source.path, tuple(packages))


def _package(item: dict[str, Any], span: Span) -> LockedPackage:
    groups = strings(item.get("groups"))
    repository = text(item.get("git"))
    url = f"git+{repository}" if repository else text(item.get("url")) or text(item.get("path"))
    return LockedPackage(
        name=name_of(item),
        version=version_of(item.get("version")),
        span=span,
        url=url,
        marker=text(item.get("marker")),
        groups=frozenset(map(canonicalize_name, groups)) if groups else None,
        needs=tuple(edges(strings(item.get("dependencies")))),
    )


def edges(texts: list[str]) -> list[Edge]:
    """What a list of PEP 508 requirements needs."""
    found = []
    for written in texts:
        line = parse_requirement(MappedText(written, (0,), ((1, 1),)))
        if not isinstance(line, BadLine) and line.name is not None:
            specifier = str(line.requirement.specifier) if line.requirement else None
            marker = str(line.marker) if line.marker else None
            extras = tuple(canonicalize_name(extra) for extra in line.extras)
            found.append(Edge(line.name, marker, extras, specifier=specifier))
    return found
