"""The text of a pylock file (PEP 751) in, its packages and their hashes out."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mllint.parse.source import SourceFile
from mllint.parse.toml_text import load_toml


def pylock_versions(source: SourceFile) -> dict[str, Version]:
    """The packages by name; raises InputError for what is no TOML."""
    found: dict[str, Version] = {}
    for package in _packages(source):
        with suppress(KeyError, InvalidVersion):
            found[canonicalize_name(package["name"])] = Version(str(package["version"]))
    return found


def pylock_hashes(source: SourceFile) -> dict[str, tuple[str, ...]]:
    """`sha256:…` of each file of each package, sorted; raises InputError as above."""
    found: dict[str, tuple[str, ...]] = {}
    for package in _packages(source):
        files = [*_listed(package.get("wheels")), package.get("sdist")]
        tables = [each.get("hashes") for each in files if isinstance(each, dict)]
        hashes = [table.items() for table in tables if isinstance(table, dict)]
        said = {f"{kind}:{value}" for items in hashes for kind, value in items}
        found[canonicalize_name(package["name"])] = tuple(sorted(said))
    return found


def _packages(source: SourceFile) -> Iterator[dict[str, Any]]:
    for package in _listed(load_toml(source).data.get("packages")):
        if isinstance(package, dict) and isinstance(package.get("name"), str):
            yield package


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
