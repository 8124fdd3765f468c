"""Package indexes on loopback, served by the test: small wheels in the shapes of the torch family.

PEP 503 pages, PEP 691 JSON, and the metadata of each wheel beside it (PEP 658). A wheel holds an
empty module, so that pip can install it. Several indexes share one server: `/default/`, `/cu118/`.
"""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

PYTORCH = "https://download.pytorch.org/whl"
JSON_TYPE = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True)
class Release:
    """One release. pythons: of the wheels, "310 311"; "" is one wheel for every Python, none: only
    a source distribution. needs: its Requires-Dist. size: what the index says of each wheel."""

    package: str
    version: str
    pythons: str | None = ""
    needs: tuple[str, ...] = ()
    requires_python: str | None = None
    yanked: str | None = None
    source: bool = False
    size: int | None = None
    platform: str = "manylinux_2_17_x86_64.manylinux2014_x86_64"

    def files(self) -> Iterator[tuple[str, bytes, bytes]]:
        """(file name, content, metadata) of each distribution."""
        name = self.package.replace("-", "_")
        lines = ["Metadata-Version: 2.1", f"Name: {self.package}", f"Version: {self.version}"]
        if self.requires_python:
            lines.append(f"Requires-Python: {self.requires_python}")
        lines += [f"Requires-Dist: {need}" for need in self.needs]
        metadata = ("\n".join(lines) + "\n").encode()
        if self.pythons is not None:
            tags = [f"cp{each}-cp{each}-{self.platform}" for each in self.pythons.split()]
            for tag in tags or ["py3-none-any"]:
                yield f"{name}-{self.version}-{tag}.whl", self._wheel(metadata, tag), metadata
        if self.source or self.pythons is None:
            yield f"{name}-{self.version}.tar.gz", b"not to be opened", b""

    def _wheel(self, metadata: bytes, tag: str) -> bytes:
        name = self.package.replace("-", "_")
        info = f"{name}-{self.version}.dist-info"
        python, abi, platforms = tag.split("-")
        tags = "".join(f"Tag: {python}-{abi}-{each}\n" for each in platforms.split("."))
        pure = "true" if platforms == "any" else "false"
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as wheel:
            for path, text in (
                (f"{name}/__init__.py", f"__version__ = {self.version!r}\n"),
                (f"{info}/METADATA", metadata),
                (f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: {pure}\n{tags}"),
                (f"{info}/RECORD", ""),
            ):
                # Without a date of its own: a file that is made again has the same hash.
                wheel.writestr(zipfile.ZipInfo(path), text)
        return content.getvalue()


def _torch(version: str, pythons: str, *needs: str, local: str = "") -> Release:
    base = ("filelock", "typing-extensions", *needs)
    return Release("torch", version + local, pythons, base, ">=3.8", size=800_000_000)


def _vision(version: str, torch: str, pythons: str, local: str = "") -> Release:
    needs = ("numpy", f"torch=={torch}")
    return Release("torchvision", version + local, pythons, needs, ">=3.8", size=7_000_000)


CUBLAS = 'nvidia-cublas-cu12==12.1.3.1; platform_system == "Linux"'
DEFAULT = (
    _torch("2.0.1", "38 39 310 311"),
    _torch("2.1.0", "38 39 310 311", CUBLAS),
    _torch("2.1.1", "38 39 310 311", CUBLAS),
    _torch("2.3.0", "38 39 310 311 312", CUBLAS),
    _torch("2.4.1", "38 39 310 311 312", CUBLAS),
    _torch("2.5.1", "39 310 311 312", CUBLAS),
    _vision("0.15.2", "2.0.1", "38 39 310 311"),
    _vision("0.16.0", "2.1.0", "38 39 310 311"),
    _vision("0.18.0", "2.3.0", "38 39 310 311 312"),
    _vision("0.20.1", "2.5.1", "39 310 311 312"),
    Release("pip", "20.2.4"),
    Release("pip", "24.0", "", (), ">=3.7"),
    Release("filelock", "3.12.0"),
    Release("filelock", "3.13.0"),
    Release("typing-extensions", "4.8.0"),
    Release("nvidia-cublas-cu12", "12.1.3.1", size=410_000_000),
    Release("nvidia-cublas-cu12", "12.4.5.8", size=363_000_000),
    Release("nvidia-cublas-cu11", "11.11.3.6", size=418_000_000),
    Release("nvidia-cudnn-cu11", "8.9.6.50", size=681_000_000),
    Release("nvidia-cudnn-cu12", "8.9.7.29", size=704_000_000),
    Release(
        "tensorflow",
        "2.14.0",
        "39 310 311",
        ("numpy>=1.23.5", *(f"nvidia-{n}-cu11; extra == 'and-cuda'" for n in ("cublas", "cudnn"))),
    ),
    Release("numpy", "1.21.0", "38 39", source=True),
    Release("numpy", "1.23.5", "38 39 310 311", size=17_000_000),
    Release("numpy", "1.26.4", "39 310 311 312", requires_python=">=3.9", size=18_000_000),
    Release("numpy", "2.1.0", "310 311 312", requires_python=">=3.10", size=16_000_000),
    Release("numpy", "2.4.0", "311 312", requires_python=">=3.11", source=True),
    Release("pandas", "2.0.0", "38 39 310 311", ("numpy>=1.20.3",)),
    Release("pandas", "2.2.2", "39 310 311 312", ("numpy>=1.22.4",), ">=3.9"),
    Release("xformers", "0.0.23", "38 39 310 311", ("numpy", "torch==2.1.1")),
    Release("timm", "0.9.12", "", ("torch>=1.7", "torchvision", "pyyaml")),
    Release("pyyaml", "6.0.1", "38 39 310 311 312"),
    Release("transformers", "4.40.0", "", ("tokenizers<0.20,>=0.19", "numpy>=1.17", "filelock")),
    Release("transformers", "4.30.0", "", ("tokenizers<0.14,>=0.11", "numpy>=1.17", "filelock")),
    Release("tokenizers", "0.13.3", "38 39 310 311"),
    Release("tokenizers", "0.19.1", "38 39 310 311 312"),
    Release("jsonschema", "4.0.0", yanked="Improper python_requires declaration"),
    Release("jsonschema", "4.1.0"),
    Release("attrs", "23.1.0"),
    Release("attrs", "99.0.0", yanked=""),
    Release("notebooks", "1.0.0", "", ("jsonschema==4.0.0",)),
    Release("flash-attn", "2.5.8", None),
    Release("flax", "0.8.0", "", ("jax>=0.4.19", "numpy>=1.22")),
    Release("jax", "0.3.0", None),
    Release("jax", "0.4.30", "", ("numpy>=1.22",), ">=3.9"),
    Release("jax", "0.4.35", "", ("numpy>=1.24",), ">=3.10"),
    Release("opencv-python", "4.8.0.76", "38 39 310 311", ("numpy",)),
    Release("opencv-python-headless", "4.8.0.76", "38 39 310 311", ("numpy",)),
    Release("easyreader", "1.7.1", "", ("opencv-python", "numpy<2")),
    Release("albumentations", "1.3.1", "", ("numpy", "opencv-python-headless>=4.1.1")),
    Release("acme-utils", "9.9.0"),
    Release("acme-models", "1.0.0", "", ("acme-core==7.0.0",)),
    Release("protobuf", "4.25.0"),
    Release("protobuf", "5.26.0"),
    Release("tensorflow", "2.16.1", "39 310 311", ("protobuf!=4.21.0,!=4.21.1,<5,>=3.20.3",)),
    Release("tensorflow", "2.15.0", "39 310 311", ("numpy<2.0.0,>=1.23.5",), ">=3.9"),
)
CU118 = (
    _torch("2.0.1", "38 39 310 311", local="+cu118"),
    _torch("2.1.0", "38 39 310 311", local="+cu118"),
    _torch("2.1.1", "38 39 310 311", local="+cu118"),
    _vision("0.15.2", "2.0.1", "38 39 310 311", local="+cu118"),
    _vision("0.16.0", "2.1.0", "38 39 310 311", local="+cu118"),
    Release("numpy", "1.26.4", "39 310 311 312", requires_python=">=3.9"),
    Release("filelock", "3.9.0"),
    Release("typing-extensions", "4.4.0"),
)
CU121 = (
    _torch("2.1.0", "38 39 310 311", "nvidia-cublas-cu12==12.1.3.1", local="+cu121"),
    _torch("2.3.0", "38 39 310 311 312", "nvidia-cublas-cu12==12.1.3.1", local="+cu121"),
    Release("nvidia-cublas-cu12", "12.1.3.1"),
)
ACME = (
    Release("acme-utils", "1.2.0"),
    Release("acme-core", "7.0.0"),
    Release("pip", "20.2.4"),
    Release("pip", "24.0", "", (), ">=3.7"),
    Release("filelock", "3.12.0"),
)
"""A company's own index."""


@dataclass
class Indexes:
    """Indexes that answer at `url`. asked: (path, value of Authorization) of each request.

    broken: the name of an index, and how it answers all that is asked of it: a status, or a text.
    """

    url: str
    releases: dict[str, tuple[Release, ...]]
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    broken: dict[str, int | str] = field(default_factory=dict)
    locked: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    html_only: set[str] = field(default_factory=set)

    @property
    def mapped(self) -> tuple[tuple[str, str], ...]:
        """The pairs of `--index-map` that put these in the place of the real ones."""
        pairs = [("default", f"{self.url}/default")]
        pairs += [(f"{PYTORCH}/{n}", f"{self.url}/{n}") for n in self.releases if n[:2] == "cu"]
        return (*pairs, ("https://pypi.acme.example/simple", f"{self.url}/acme"))

    @property
    def options(self) -> list[str]:
        """The same as words of a command line."""
        return [f"--index-map={old}={new}" for old, new in self.mapped]

    def page(self, index: str, package: str, *, as_json: bool) -> bytes | None:
        """What an index lists of a package."""
        found = []
        for release in self.releases.get(index, ()):
            if release.package != package:
                continue
            for name, content, metadata in release.files():
                path = f"/files/{index}/{name}"
                self.files[path] = content
                if metadata:
                    self.files[path + ".metadata"] = metadata
                found.append((release, name, content, metadata))
        if not found:
            return None
        return _as_json(index, package, found) if as_json else _as_html(index, found)


def _as_json(index, package, found) -> bytes:
    files = []
    for release, name, content, metadata in found:
        files.append(
            {
                "filename": name,
                "url": f"/files/{index}/{name}",
                "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
                "requires-python": release.requires_python,
                "yanked": release.yanked or release.yanked is not None,
                "size": release.size or len(content),
                "core-metadata": (
                    {"sha256": hashlib.sha256(metadata).hexdigest()} if metadata else False
                ),
            }
        )
    versions = sorted({release.version for release, *_ in found})
    meta = {"api-version": "1.1"}
    page = {"meta": meta, "name": package, "files": files, "versions": versions}
    return json.dumps(page).encode()


def _as_html(index, found) -> bytes:
    lines = ["<!DOCTYPE html><html><body>"]
    for release, name, content, metadata in found:
        digest = hashlib.sha256(content).hexdigest()
        notes = ""
        if release.requires_python:
            notes += f' data-requires-python="{release.requires_python.replace(">", "&gt;")}"'
        if release.yanked is not None:
            notes += f' data-yanked="{release.yanked}"'
        if metadata:
            notes += f' data-core-metadata="sha256={hashlib.sha256(metadata).hexdigest()}"'
        lines.append(f'<a href="/files/{index}/{name}#sha256={digest}"{notes}>{name}</a><br>')
    return "\n".join([*lines, "</body></html>"]).encode()


@contextmanager
def local_indexes(**more: tuple[Release, ...]) -> Iterator[Indexes]:
    """The indexes above and those named, while the block runs."""
    releases = {"default": DEFAULT, "cu118": CU118, "cu121": CU121, "acme": ACME, **more}
    indexes = Indexes("", releases)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args) -> None:
            """Keep quiet."""

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, *, body: bool) -> None:
            said = self.headers.get("Authorization")
            indexes.asked.append((self.path, said))
            parts = self.path.strip("/").split("/")
            name = parts[1] if parts[0] == "files" and len(parts) > 1 else parts[0]
            if name in indexes.locked and said != indexes.locked[name]:
                self.send(401, b"who is there?", "text/plain", body)
                return
            broken = indexes.broken.get(name)
            if isinstance(broken, int):
                self.send(broken, b"broken", "text/plain", body)
            elif isinstance(broken, str):
                self.send(200, broken.encode(), JSON_TYPE, body)
            elif parts[0] == "files":
                self.send_file(body)
            else:
                as_json = JSON_TYPE in (self.headers.get("Accept") or "")
                as_json = as_json and name not in indexes.html_only
                page = indexes.page(name, parts[1] if len(parts) > 1 else "", as_json=as_json)
                kind = JSON_TYPE if as_json else "text/html"
                self.send(404 if page is None else 200, page or b"no such package", kind, body)

        def send_file(self, body: bool) -> None:
            content = indexes.files.get(unquote(self.path))
            kind = "application/octet-stream"
            self.send(404 if content is None else 200, content or b"", kind, body)

        def send(self, status: int, content: bytes, kind: str, body: bool) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
            self.end_headers()
            if body:
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    indexes.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield indexes
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
