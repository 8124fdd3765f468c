"""The text of a pylock file (PEP 751) in, its packages and their hashes out."""

from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mllint.parse.source import SourceFile
from mllint.parse.toml_text import load_toml


def pylock_versions(source: SourceFile) -> dict[str, Version]:
    """The packages by name; raises InputError for what is no TOML."""
    found = {}
    for package in _packages(source):
        try:
            found[canonicalize_name(str(package["name"]))] = Version(str(package["version"]))
        except (KeyError, InvalidVersion):
            continue
    return {str(name): version for name, version in found.items()}


def pylock_hashes(text: str) -> dict[str, tuple[str, ...]]:
    """`sha256:…` of each file of each package, sorted."""
    found: dict[str, tuple[str, ...]] = {}
    for package in _packages(SourceFile("pylock.toml", text)):
        files = [*package.get("wheels", ()), *(package[n] for n in ("sdist",) if n in package)]
        hashes = {f"{kind}:{value}" for each in files for kind, value in each["hashes"].items()}
        found[str(package["name"])] = tuple(sorted(hashes))
    return found


def _packages(source: SourceFile) -> Iterator[dict[str, Any]]:
    packages = load_toml(source).data.get("packages")
    for package in packages if isinstance(packages, list) else ():
        if isinstance(package, dict) and isinstance(package.get("name"), str):
            yield package
