"""Names of distribution packages in, which of them are installed out; then the largest of all."""

import os
import re
from typing import Dict, Iterator, List, NamedTuple, Optional

from .records import Record
from .request import Request

_DPKG = "/var/lib/dpkg/status"
_DPKG_FOLDER = "/var/lib/dpkg/status.d"  # distroless images have a file for each package
_APK = "/lib/apk/db/installed"
_MOST_BYTES = 60000000
_MOST_WANTED = 500
_LARGEST = 25
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*")


class _Package(NamedTuple):
    """An installed package; provides: the names under which it can be asked for as well."""

    name: str
    version: str
    size_bytes: int
    provides: List[str]


def probe_system_packages(request: Request) -> Iterator[Record]:
    """A record for each wanted name (version None: not installed) and for the largest packages.

    None at all where no database of packages is there.
    """
    installed = _installed()
    if installed is None:
        return
    by_name: Dict[str, _Package] = {}
    for package in installed:
        for provided in package.provides:
            by_name.setdefault(provided, package)
    by_name.update({package.name: package for package in installed})
    for name in request.system_packages[:_MOST_WANTED]:
        found = by_name.get(name)
        yield _record(name, found, asked=True)
    for package in sorted(installed, key=lambda each: -each.size_bytes)[:_LARGEST]:
        yield _record(package.name, package, asked=False)


def _record(name: str, found: Optional[_Package], asked: bool) -> Record:
    return {
        "kind": "system_package",
        "name": name,
        "version": found.version if found else None,
        "size_bytes": found.size_bytes if found else 0,
        "asked": asked,
    }


def _installed() -> Optional[List[_Package]]:
    if os.path.isdir(_DPKG_FOLDER) or os.path.isfile(_DPKG):
        return list(_of_dpkg())
    if os.path.isfile(_APK):
        return list(_of_apk())
    return None


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return ""


def _of_dpkg() -> Iterator[_Package]:
    texts = [_text(_DPKG)]
    if os.path.isdir(_DPKG_FOLDER):
        texts += [_text(os.path.join(_DPKG_FOLDER, name)) for name in os.listdir(_DPKG_FOLDER)]
    for block in "\n\n".join(texts).split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.*)$", block, re.MULTILINE))
        status = fields.get("Status", "install ok installed")
        if "Package" in fields and status.endswith(" installed"):
            size = fields.get("Installed-Size", "")
            yield _Package(
                fields["Package"],
                fields.get("Version", ""),
                int(size) * 1024 if size.isdigit() and len(size) < 12 else 0,
                [name for part in fields.get("Provides", "").split(",") for name in _names(part)],
            )


def _names(part: str) -> List[str]:
    """`libgl1-mesa-glx (= 22.3)` -> its name."""
    match = _NAME.match(part.strip())
    return [match.group()] if match else []


def _of_apk() -> Iterator[_Package]:
    for block in _text(_APK).split("\n\n"):
        fields = dict(line.split(":", 1) for line in block.split("\n") if line[1:2] == ":")
        size = fields.get("I", "")
        if "P" in fields:
            yield _Package(
                fields["P"],
                fields.get("V", ""),
                int(size) if size.isdigit() and len(size) < 15 else 0,
                [name for part in fields.get("p", "").split() for name in _names(part)],
            )
