"""The folders of `sys.path` in, the distributions that are installed in them out.

Reads metadata as it lies there: `importlib.metadata` came with Python 3.8 only.
"""

import csv
import json
import os
import re
import sys
from typing import Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from .records import MOST_ITEMS, Record

_MOST_METADATA = 400000
_MOST_RECORD = 60000000
_MOST_DISTRIBUTIONS = 3000
_CODE = (".py", ".so", ".pyd")
_SIZE = re.compile(r"[0-9]{1,15}$")
_SEPARATORS = re.compile(r"[-_.]+")


class Distribution(NamedTuple):
    """One distribution: where its metadata lies, what they say, the files that they list.

    files: path relative to the site folder, and size where it is listed.
    """

    name: str
    version: str
    site: str
    folder: str
    headers: List[Tuple[str, str]]
    files: List[Tuple[str, Optional[int]]]

    @property
    def key(self) -> str:
        """The canonical name."""
        return _SEPARATORS.sub("-", self.name).lower()


def probe_distributions() -> Iterator[Record]:
    """A record for each distribution, then one for each conda package of the prefix."""
    seen: Set[str] = set()
    for found in find_distributions():
        yield _record(found, found.key in seen)
        seen.add(found.key)
    yield from _conda_packages()


def find_distributions() -> Iterator[Distribution]:
    """Every distribution on `sys.path`, in the order in which Python would find them."""
    count = 0
    for site in site_folders():
        try:
            names = sorted(os.listdir(site))
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")) and count < _MOST_DISTRIBUTIONS:
                found = _read_distribution(site, name)
                if found is not None:
                    count += 1
                    yield found


def site_folders() -> List[str]:
    """The folders on `sys.path`, each once."""
    folders = (os.path.realpath(entry) for entry in sys.path if entry)
    return [folder for folder in dict.fromkeys(folders) if os.path.isdir(folder)]


def _read_distribution(site: str, name: str) -> Optional[Distribution]:
    folder = os.path.join(site, name)
    file = next((n for n in ("METADATA", "PKG-INFO") if os.path.isfile(f"{folder}/{n}")), None)
    # distutils of old wrote the file alone: `PyYAML-5.3.egg-info`.
    text = _text(os.path.join(folder, file) if file else folder, _MOST_METADATA)
    headers = list(_headers(text or ""))
    values = dict(reversed(headers))
    if not values.get("name"):
        return None
    files = list(_listed_files(folder))
    return Distribution(values["name"], values.get("version", ""), site, folder, headers, files)


def _text(path: str, limit: int) -> Optional[str]:
    """The text of a regular file; None where there is none: a pipe would never end."""
    if not os.path.isfile(path):
        return None
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(limit)
    except OSError:
        return None


def _headers(text: str) -> Iterator[Tuple[str, str]]:
    """The fields above the first empty line, names in lower case; each on a line of its own."""
    for line in text.split("\n"):
        if not line.strip():
            return
        name, colon, value = line.partition(":")
        if colon and not line[0].isspace():
            yield name.strip().lower(), value.strip()


def _listed_files(folder: str) -> Iterator[Tuple[str, Optional[int]]]:
    """What RECORD lists, or for an egg-info `installed-files.txt`."""
    text = _text(os.path.join(folder, "RECORD"), _MOST_RECORD)
    if text is not None:
        try:
            for row in csv.reader(text.split("\n")):
                if row and row[0]:
                    size = row[2] if len(row) > 2 else ""
                    yield row[0], int(size) if _SIZE.match(size) else None
        except csv.Error:
            pass  # it ends with a NUL, or holds a line that has no end
        return
    text = _text(os.path.join(folder, "installed-files.txt"), _MOST_RECORD) or ""
    name = os.path.basename(folder)
    for line in text.split("\n"):
        if line:
            yield os.path.normpath(os.path.join(name, line)), None


def _record(found: Distribution, shadowed: bool) -> Record:
    requires = [value for name, value in found.headers if name == "requires-dist"]
    return {
        "kind": "distribution",
        "name": found.name,
        "version": found.version,
        "site": found.site,
        "installer": (_text(os.path.join(found.folder, "INSTALLER"), 200) or "").strip(),
        "size_bytes": _size(found),
        "files": len(found.files),
        "modules": modules_of(found)[:20],
        # What only an extra asks for says nothing about this environment.
        "requires": [text for text in requires if "extra" not in text.partition(";")[2]],
        "requires_python": dict(found.headers).get("requires-python"),
        "source": _source(found.folder),
        "shadowed": shadowed,
    }


def _size(found: Distribution) -> Optional[int]:
    """The bytes of the files that are listed; those without a size (`.pyc`) are looked at."""
    if not found.files:
        return None
    total = 0
    for name, size in found.files:
        if size is None:
            try:
                size = os.lstat(os.path.join(found.site, name)).st_size
            except (OSError, ValueError):  # a name with a NUL in it
                size = 0
        total += size
    return total


def _source(folder: str) -> Optional[str]:
    """`editable`, `vcs`, `archive` or `folder` of a distribution that comes from no index."""
    text = _text(os.path.join(folder, "direct_url.json"), 20000)
    try:
        value = json.loads(text or "null")
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    information = value.get("dir_info")
    if isinstance(information, dict):
        return "editable" if information.get("editable") else "folder"
    return "vcs" if "vcs_info" in value else "archive"


def modules_of(found: Distribution) -> List[str]:
    """The modules that can be imported: `PIL`, `google.protobuf`; namespaces are left out."""
    paths = [name.split("/") for name, _ in found.files if not name.startswith(("..", "/"))]
    code = [parts for parts in paths if parts[-1].endswith(_CODE) and _is_name(parts[0])]
    packages = {tuple(parts[:-1]) for parts in code if parts[-1].startswith("__init__.")}
    names: Dict[str, None] = {}
    for parts in sorted(code, key=len):
        if len(parts) == 1:
            names[parts[0].split(".")[0]] = None
            continue
        # The package nearest to the root: `google` holds no file of its own.
        tops = (parts[:end] for end in range(1, len(parts)) if tuple(parts[:end]) in packages)
        top = next(tops, None)
        if top is not None:
            names[".".join(top)] = None
    if not names:
        text = _text(os.path.join(found.folder, "top_level.txt"), 20000) or ""
        names = dict.fromkeys(line.strip().replace("/", ".") for line in text.split("\n"))
    return [name for name in names if all(map(str.isidentifier, name.split(".")))][:MOST_ITEMS]


def _is_name(part: str) -> bool:
    # An editable install lists its finder only: `__editable___app_1_0_finder.py`.
    return part.split(".")[0].isidentifier() and not part.startswith("__editable__")


def _conda_packages() -> Iterator[Record]:
    """The packages that conda put into the prefix: `conda-meta/libblas-3.9.0-20_mkl.json`."""
    try:
        names = sorted(os.listdir(os.path.join(sys.prefix, "conda-meta")))
    except OSError:
        return
    for name in names[:_MOST_DISTRIBUTIONS]:
        parts = name[: -len(".json")].rsplit("-", 2) if name.endswith(".json") else []
        if len(parts) == 3:
            yield {"kind": "conda", "name": parts[0], "version": parts[1], "build": parts[2]}
