"""The text of a pyproject.toml in, its requirements with positions and the tools' settings out.

PEP 621 (`[project]`), PEP 735 (`[dependency-groups]`), uv's, poetry's and pdm's tables. Opens no
other file and follows no include of a group: that depends on which group is asked for.
"""

from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from mllint.named_tuple import NamedTuple
from mllint.parse.pyproject.entries import (
    Entry,
    GroupInclude,
    Index,
    Source,
    entries,
    strings,
    text,
)
from mllint.parse.pyproject.poetry import read_poetry
from mllint.parse.source import SourceFile, Span
from mllint.parse.toml_text import Path, Toml, load_toml

__all__ = ["Entry", "GroupInclude", "Index", "Pyproject", "Source", "read_pyproject"]


_OLD_INDEXES = frozenset(
    {"index-url", "extra-index-url", "find-links", "no-index", "torch-backend"}
)


class Pyproject(NamedTuple):
    """What a pyproject.toml asks for.

    name: canonical, None where there is no project. declared: whether a table lists dependencies
    at all (otherwise setup.cfg or setup.py do). dynamic: what the build backend decides.
    dynamic_files: the requirement files that setuptools reads the dependencies from, None when it
    reads none. python: requires-python. constraints, overrides: uv's, with their positions.
    other_indexes: uv's table names indexes in its older words (`index-url`), which are not read.
    default_groups: None when not set. workspace: whether members of a workspace are named.
    """

    path: str
    name: str | None
    declared: bool
    dynamic: frozenset[str]
    dynamic_files: tuple[str, ...] | None
    dependencies: tuple[Entry, ...]
    extras: dict[str, tuple[Entry, ...]]
    groups: dict[str, tuple[Entry, ...]]
    optional_groups: frozenset[str]
    python: str | None
    sources: dict[str, tuple[Source, ...]]
    indexes: tuple[Index, ...]
    other_indexes: bool
    constraints: tuple[Entry, ...]
    overrides: tuple[Entry, ...]
    default_groups: tuple[str, ...] | None
    workspace: bool
    package: bool
    poetry: bool
    span: Span


def read_pyproject(source: SourceFile) -> Pyproject:
    """The project; raises InputError when the text is no TOML."""
    toml = load_toml(source)
    project = toml.table("project")
    uv = toml.table("tool", "uv")
    poetry = read_poetry(toml)
    dynamic = frozenset(strings(project.get("dynamic")))
    name = project.get("name") or poetry.name
    # `[project]` with `dynamic = ["dependencies"]` leaves them to poetry's table, as before 2.0.
    ours = bool(project) and not (poetry.declared and not project.get("dependencies"))
    groups = _groups(toml, uv)
    dependencies = tuple(entries(toml, project.get("dependencies"), ("project", "dependencies")))
    extras: dict[str, tuple[Entry, ...]] = {
        canonicalize_name(extra): tuple(
            entries(toml, listed, ("project", "optional-dependencies", extra))
        )
        for extra, listed in toml.table("project", "optional-dependencies").items()
    }
    return Pyproject(
        path=source.path,
        name=canonicalize_name(name) if isinstance(name, str) and name else None,
        declared=bool(project) or poetry.declared,
        dynamic=dynamic if ours else frozenset(),
        dynamic_files=_dynamic_files(toml),
        dependencies=dependencies if ours else poetry.dependencies,
        extras={**poetry.extras, **extras},
        groups={**groups, **poetry.groups},
        optional_groups=poetry.optional_groups,
        python=text(project.get("requires-python")) or poetry.python,
        sources=poetry.sources if poetry.sources else _sources(toml),
        indexes=(*_indexes(uv.get("index")), *poetry.indexes),
        other_indexes=not _OLD_INDEXES.isdisjoint({*uv, *toml.table("tool", "uv", "pip")}),
        constraints=_uv_list(toml, "constraint-dependencies"),
        overrides=_uv_list(toml, "override-dependencies"),
        default_groups=_default_groups(uv.get("default-groups"), groups),
        workspace=bool(toml.table("tool", "uv", "workspace")),
        package=uv.get("package") is not False,
        poetry=poetry.declared,
        span=toml.span("project") if project else toml.span("tool", "poetry"),
    )


def _groups(toml: Toml, uv: dict[str, Any]) -> dict[str, tuple[Entry, ...]]:
    """The dependency groups, with what uv and pdm listed before there were any."""
    groups: dict[str, tuple[Entry, ...]] = {
        canonicalize_name(group): tuple(entries(toml, listed, ("dependency-groups", group)))
        for group, listed in toml.table("dependency-groups").items()
    }
    legacy = entries(toml, uv.get("dev-dependencies"), ("tool", "uv", "dev-dependencies"))
    groups["dev"] = (*groups.get("dev", ()), *legacy)
    for group, listed in toml.table("tool", "pdm", "dev-dependencies").items():
        place = ("tool", "pdm", "dev-dependencies", group)
        groups[canonicalize_name(group)] = tuple(entries(toml, listed, place))
    return {name: group for name, group in groups.items() if group}


def _uv_list(toml: Toml, name: str) -> tuple[Entry, ...]:
    listed = toml.table("tool", "uv").get(name)
    return tuple(entries(toml, listed, ("tool", "uv", name)))


def _dynamic_files(toml: Toml) -> tuple[str, ...] | None:
    """`[tool.setuptools.dynamic] dependencies = {file = ["requirements.txt"]}`."""
    found = toml.table("tool", "setuptools", "dynamic").get("dependencies")
    files = found.get("file") if isinstance(found, dict) else None
    if isinstance(files, str):
        return (files,)
    return tuple(strings(files)) or None


def _sources(toml: Toml) -> dict[str, tuple[Source, ...]]:
    found: dict[str, tuple[Source, ...]] = {}
    for name, value in toml.table("tool", "uv", "sources").items():
        listed = value if isinstance(value, list) else [value]
        path: Path = ("tool", "uv", "sources", name)
        found[canonicalize_name(name)] = tuple(
            _source(item, toml.span(*path, number) if isinstance(value, list) else toml.span(*path))
            for number, item in enumerate(listed)
            if isinstance(item, dict)
        )
    return found


def _source(item: dict[str, Any], span: Span) -> Source:
    repository = text(item.get("git"))
    url = f"git+{repository}" if repository else text(item.get("url")) or text(item.get("path"))
    if item.get("workspace") is True:
        url = "workspace://"
    return Source(
        text(item.get("index")),
        url,
        text(item.get("marker")),
        text(item.get("extra")),
        text(item.get("group")),
        span,
    )


def _indexes(listed: object) -> Iterator[Index]:
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and isinstance(item.get("url"), str):
            yield Index(
                text(item.get("name")),
                item["url"].rstrip("/"),
                item.get("default") is True,
                item.get("explicit") is True,
            )


def _default_groups(value: object, groups: dict[str, tuple[Entry, ...]]) -> tuple[str, ...] | None:
    if value == "all":
        return tuple(groups)
    return tuple(map(canonicalize_name, strings(value))) if isinstance(value, list) else None
