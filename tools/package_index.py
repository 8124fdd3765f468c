"""Names of projects in, their files and metadata out, from the index that pip is set up to ask.

Speaks the JSON form of the simple repository API (PEP 691) and reads metadata without downloading
distributions (PEP 658). Answers are kept in a folder, so that a second run asks for nothing twice.
https://packaging.python.org/en/latest/specifications/simple-repository-api/
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from email.parser import HeaderParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

_JSON = "application/vnd.pypi.simple.v1+json"
_TRIES = 4
_PAUSE_S = 0.2  # between two questions: an index that is asked too fast answers 429
_KEPT_S = 24 * 3600


class IndexFile(NamedTuple):
    """One distribution of a project.

    tags: (interpreter, abi, platform) of a wheel, () for an sdist. uploaded: ISO date. yanked: pip
    takes it for an exact pin alone.
    """

    name: str
    url: str
    version: Version
    tags: tuple[tuple[str, str, str], ...]
    requires_python: str | None
    uploaded: str | None
    yanked: bool

    @property
    def is_sdist(self) -> bool:
        """Whether pip would have to build it."""
        return not self.tags


class Metadata(NamedTuple):
    """What one wheel declares."""

    requires_python: str | None
    requirements: tuple[Requirement, ...]


class PackageIndex:
    """One index; raises OSError when it does not answer."""

    def __init__(self, url: str, kept: Path | None = None) -> None:
        self.url = url.rstrip("/") + "/"
        self._kept = kept or Path(tempfile.gettempdir()) / "package-index-answers"

    def files(self, project: str) -> list[IndexFile]:
        """The files of a project, those whose names cannot be read left out."""
        base = urljoin(self.url, f"{canonicalize_name(project)}/")
        page = json.loads(self._get(base, _JSON))
        return [found for item in page["files"] if (found := _file(item, base)) is not None]

    def metadata(self, file: IndexFile) -> Metadata | None:
        """The metadata of a wheel, None when the index has it for download only.

        An index that copies another may serve it without saying so: it is always asked for.
        """
        try:
            text = self._get(file.url + ".metadata", "*/*").decode("utf-8")
        except urllib.error.HTTPError:
            return None
        headers = HeaderParser().parsestr(text)
        found = []
        for line in headers.get_all("Requires-Dist") or ():
            try:
                found.append(Requirement(line))
            except InvalidRequirement:
                continue
        return Metadata(headers.get("Requires-Python"), tuple(found))

    def _get(self, url: str, accept: str) -> bytes:
        name = hashlib.sha256(f"{accept} {url}".encode()).hexdigest()
        path = self._kept / name
        if path.is_file() and time.time() - path.stat().st_mtime < _KEPT_S:
            return path.read_bytes()
        answer = _ask(url, accept)
        self._kept.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answer)
        return answer


def configured_index() -> PackageIndex | None:
    """The index that pip asks: its variable, its configuration, its own default.

    None when there is no pip.
    """
    url = os.environ.get("PIP_INDEX_URL") or _run("-m", "pip", "config", "get", "global.index-url")
    if not url:
        url = _run("-c", "from pip._internal.models.index import PyPI; print(PyPI.simple_url)")
    return PackageIndex(url) if url else None


def _file(item: dict[str, Any], base: str) -> IndexFile | None:
    name = item["filename"]
    tags: tuple[tuple[str, str, str], ...] = ()
    try:
        if name.endswith(".whl"):
            _, version, _, found = parse_wheel_filename(name)
            tags = tuple(sorted((tag.interpreter, tag.abi, tag.platform) for tag in found))
        else:
            _, version = parse_sdist_filename(name)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    uploaded = item.get("upload-time")
    return IndexFile(
        name,
        urljoin(base, item["url"]).partition("#")[0],
        version,
        tags,
        item.get("requires-python"),
        uploaded[:10] if uploaded else None,
        bool(item.get("yanked")),
    )


def _ask(url: str, accept: str) -> bytes:
    request = urllib.request.Request(url, headers={"Accept": accept})
    for left in reversed(range(_TRIES)):
        time.sleep(_PAUSE_S)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            if not left or error.code not in (429, 502, 503, 504):
                raise
        except OSError:
            if not left:
                raise
        time.sleep(2 ** (_TRIES - left))
    raise AssertionError("the last try returns or raises")


def _run(*words: str) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""
