"""`[tool.poetry]` of a pyproject.toml in, its requirements, groups and sources out."""

from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from mllint.named_tuple import NamedTuple
from mllint.parse.pyproject.entries import Entry, Index, Source, requirement_at, strings, text
from mllint.parse.pyproject.poetry_versions import poetry_specifier
from mllint.parse.requirements import BadLine, RequirementLine
from mllint.parse.toml_text import Path, Toml


class PoetryTable(NamedTuple):
    """What poetry's table asks for; fields as in `Pyproject`. declared: it lists dependencies."""

    declared: bool
    name: str | None
    dependencies: tuple[Entry, ...]
    extras: dict[str, tuple[Entry, ...]]
    groups: dict[str, tuple[Entry, ...]]
    optional_groups: frozenset[str]
    python: str | None
    sources: dict[str, tuple[Source, ...]]
    indexes: tuple[Index, ...]


def read_poetry(toml: Toml) -> PoetryTable:
    """What `[tool.poetry]` says; an empty table when there is none."""
    table = toml.table("tool", "poetry")
    place: Path = ("tool", "poetry", "dependencies")
    listed = toml.table("tool", "poetry", "dependencies")
    python = listed.get("python")
    needed: list[Entry] = []
    optional: dict[str, list[Entry]] = {}
    for name, value, path in _constraints(listed, place):
        entry = _entry(toml, name, value, path)
        if isinstance(value, dict) and value.get("optional") is True:
            optional.setdefault(canonicalize_name(name), []).append(entry)
        else:
            needed.append(entry)
    groups, late = _groups(toml)
    return PoetryTable(
        declared="dependencies" in table or "group" in table,
        name=text(table.get("name")),
        dependencies=tuple(needed),
        extras={
            canonicalize_name(extra): tuple(
                entry
                for name in strings(names)
                for entry in optional.get(canonicalize_name(name), ())
            )
            for extra, names in toml.table("tool", "poetry", "extras").items()
        },
        groups=groups,
        optional_groups=frozenset(late),
        python=poetry_specifier(python) if isinstance(python, str) else None,
        sources=_sources(toml, listed, place),
        indexes=tuple(_indexes(table.get("source"))),
    )


def _groups(toml: Toml) -> tuple[dict[str, tuple[Entry, ...]], set[str]]:
    """The groups, and the names of the optional ones."""
    groups: dict[str, tuple[Entry, ...]] = {}
    late: set[str] = set()
    for group, content in toml.table("tool", "poetry", "group").items():
        inner = ("tool", "poetry", "group", group, "dependencies")
        groups[canonicalize_name(group)] = tuple(listed_entries(toml, inner))
        if isinstance(content, dict) and content.get("optional") is True:
            late.add(canonicalize_name(group))
    legacy = tuple(listed_entries(toml, ("tool", "poetry", "dev-dependencies")))
    if legacy:
        groups["dev"] = (*groups.get("dev", ()), *legacy)
    return groups, late


def _constraints(listed: dict[str, Any], place: Path) -> Iterator[tuple[str, Any, Path]]:
    """(name, constraint, path) of each; a package may have a list of them, one for each marker."""
    for name, value in listed.items():
        if name == "python":
            continue
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield name, item, (*place, name, number)
        else:
            yield name, value, (*place, name)


def listed_entries(toml: Toml, place: tuple[str, ...]) -> Iterator[Entry]:
    """The requirements of the table at `place`, which maps names to constraints."""
    for name, value, path in _constraints(toml.table(*place), place):
        yield _entry(toml, name, value, path)


def _entry(toml: Toml, name: str, value: object, path: Path) -> RequirementLine | BadLine:
    table = value if isinstance(value, dict) else {"version": value}
    version = table.get("version", "*")
    extras = ",".join(strings(table.get("extras")))
    body = f"{name}[{extras}]" if extras else name
    url = _url(table)
    specifier = poetry_specifier(version) if isinstance(version, str) else None
    if url is not None:
        body += f" @ {url} " if "://" in url else ""
        if "://" not in url:
            return BadLine(f"{name} is the project in {url}", toml.span(*path))
    elif specifier is None:
        return BadLine(f"{name}: {version} is more than one range", toml.span(*path))
    else:
        body += specifier
    conditions = [f"({found})" for found in (text(table.get("markers")), _python(table)) if found]
    return requirement_at(
        toml, body + ("; " + " and ".join(conditions) if conditions else ""), path
    )


def _python(table: dict[str, Any]) -> str | None:
    """`python = "<3.11"` of a dependency as a marker."""
    specifier = poetry_specifier(table["python"]) if text(table.get("python")) else None
    if not specifier:
        return None
    parts = []
    for part in specifier.split(","):
        operator = part[: len(part) - len(part.lstrip("<>=!~"))]
        parts.append(f"python_version {operator} '{part[len(operator) :]}'")
    return " and ".join(parts)


def _url(table: dict[str, Any]) -> str | None:
    repository = text(table.get("git"))
    if repository is not None:
        return f"git+{repository}"
    return text(table.get("url")) or text(table.get("path")) or text(table.get("file"))


def _sources(toml: Toml, listed: dict[str, Any], place: Path) -> dict[str, tuple[Source, ...]]:
    """The indexes that dependencies name: `torch = {version = "^2", source = "pytorch"}`."""
    found: dict[str, list[Source]] = {}
    for name, value, path in _constraints(listed, place):
        index = text(value.get("source")) if isinstance(value, dict) else None
        if index is not None:
            marker = text(value.get("markers"))
            source = Source(index, None, marker, None, None, toml.span(*path))
            found.setdefault(canonicalize_name(name), []).append(source)
    return {name: tuple(sources) for name, sources in found.items()}


def _indexes(listed: object) -> Iterator[Index]:
    for item in listed if isinstance(listed, list) else ():
        url = text(item.get("url")) if isinstance(item, dict) else None
        if url is not None:
            priority = item.get("priority", "primary")
            replaces = priority in ("primary", "default") and item.get("secondary") is not True
            yield Index(text(item.get("name")), url.rstrip("/"), replaces, priority == "explicit")
