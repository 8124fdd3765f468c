"""The text of a Pipfile.lock in, its packages by section out."""

import json
from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from mllint.errors import InputError
from mllint.parse.locks.lock import Lock, LockedPackage, table, tables, text, version_of
from mllint.parse.locks.places import source_span
from mllint.parse.source import SourceFile
from mllint.regex import lazy

_SECTION = lazy(r'^ {4}"([\w-]+)": \{')
_PACKAGE = lazy(r'^ {8}"([^"]+)": \{')


def read_pipfile_lock(source: SourceFile) -> Lock:
    """The lock; raises InputError when the text is no JSON."""
    try:
        data = json.loads(source.text)
    except json.JSONDecodeError as error:
        raise InputError(f"is no JSON: {error.msg.lower()}", source.path, error.lineno) from None
    except RecursionError:
        raise InputError("is nested too deeply", source.path) from None
    meta = table(table(data).get("_meta"))
    packages = tuple(_packages(source, table(data), _indexes(meta)))
    python = text(table(meta.get("requires")).get("python_version"))
    return Lock(source.path, packages, python=f"=={python}.*" if python else None)


def _indexes(meta: dict[str, Any]) -> dict[str, str | None]:
    """Name -> address of each index; None for the first, which is the default one."""
    found: dict[str, str | None] = {}
    for number, item in enumerate(tables(meta.get("sources"))):
        found[str(item.get("name"))] = text(item.get("url")) if number else None
    return found


def _packages(
    source: SourceFile, data: dict[str, Any], indexes: dict[str, str | None]
) -> Iterator[LockedPackage]:
    lines = source.lines
    places = _lines(lines)
    for section, content in data.items():
        if section == "_meta":
            continue
        group = {"default": "default", "develop": "dev"}.get(section, section)
        for name, value in table(content).items():
            item = table(value)
            place = text(item.get("git")) or text(item.get("file")) or text(item.get("path"))
            yield LockedPackage(
                name=canonicalize_name(name),
                version=version_of((text(item.get("version")) or "").removeprefix("==")),
                span=source_span(lines, places.get((section, name), 1)),
                registry=indexes.get(str(item.get("index"))),
                url=place,
                marker=text(item.get("markers")),
                groups=frozenset({canonicalize_name(group)}),
            )


def _lines(lines: list[str]) -> dict[tuple[str, str], int]:
    """(section, package) -> the line that names it, as pipenv lays the file out."""
    found: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(lines, start=1):
        opened = _SECTION.match(line)
        package = _PACKAGE.match(line)
        if opened:
            section = opened[1]
        elif package:
            found.setdefault((section, package[1]), number)
    return found
