"""Options, environment and the CLI's configuration in, where an engine may be out.

What a user named (`--host`, DOCKER_HOST, a context) is the only place to try; without that, the
default sockets of Docker and Podman. Opens no connection.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from mllint.errors import MllintError
from mllint.named_tuple import NamedTuple

_SCHEMES = ("unix", "tcp", "http", "https", "ssh", "npipe", "fd")
_DEFAULT_URL = "unix:///var/run/docker.sock"


class TlsFiles(NamedTuple):
    """The files of a TLS connection; None where there is none. verify: check the server's name."""

    ca: Path | None
    cert: Path | None
    key: Path | None
    verify: bool = True


class Endpoint(NamedTuple):
    """A place where an engine may be; `source` says who named it.

    context: the CLI's context that holds it, None when it is not from one.
    """

    url: str
    source: str
    tls: TlsFiles | None = None
    context: str | None = None

    @property
    def shown(self) -> str:
        """How messages name it."""
        return f"the engine at {self.url} ({self.source})"

    @property
    def socket(self) -> Path | None:
        """The path of the socket, None when the engine is elsewhere."""
        path = self.url.removeprefix("unix://")
        return Path(path) if path != self.url else None

    def cli_environment(self) -> dict[str, str]:
        """What makes the docker CLI use this engine; variables of "" are to be taken away."""
        taken = {"DOCKER_HOST": "", "DOCKER_TLS_VERIFY": "", "DOCKER_TLS": "", "DOCKER_CONTEXT": ""}
        # By its context the CLI finds the builder that the user chose for it.
        context = "default" if self.url == _DEFAULT_URL else self.context
        if context is not None:
            return taken | {"DOCKER_CONTEXT": context}
        if self.tls is None:
            return taken | {"DOCKER_HOST": self.url}
        folder = next(file.parent for file in self.tls[:3] if isinstance(file, Path))
        verify = {"DOCKER_TLS_VERIFY": "1"} if self.tls.verify else {"DOCKER_TLS": "1"}
        return taken | {"DOCKER_HOST": self.url, "DOCKER_CERT_PATH": str(folder)} | verify


def find_endpoints(
    host: str | None, environ: Mapping[str, str], home: Path
) -> tuple[Endpoint, ...]:
    """The places to try, in order; raises MllintError for a host or context that is none."""
    configuration = Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    if host:
        return (_named(host, "--host", environ, configuration),)
    if environ.get("DOCKER_HOST"):
        return (_named(environ["DOCKER_HOST"], "DOCKER_HOST", environ, configuration),)
    name, source = _current_context(environ, configuration)
    if name:
        return (_from_context(name, source, configuration),)
    return tuple(_defaults(environ, home))


def _named(url: str, source: str, environ: Mapping[str, str], configuration: Path) -> Endpoint:
    if url.startswith("/"):
        url = f"unix://{url}"
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _SCHEMES or not rest:
        raise MllintError(
            f"{source}: {url!r} is no address of an engine, such as unix:///var/run/docker.sock,"
            " tcp://HOST:2376 or ssh://USER@HOST"
        )
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    wanted = scheme in ("tcp", "http", "https") and (verify or bool(environ.get("DOCKER_TLS")))
    if not wanted:
        return Endpoint(url, source)
    folder = Path(environ.get("DOCKER_CERT_PATH") or configuration)
    tls = _tls_files(folder, verify)
    if tls is None:
        raise MllintError(f"{source}: TLS is asked for, and {folder} holds no ca.pem or cert.pem")
    return Endpoint(url, source, tls)


def _tls_files(folder: Path, verify: bool) -> TlsFiles | None:
    ca, cert, key = (folder / f"{name}.pem" for name in ("ca", "cert", "key"))
    has_ca, has_pair = ca.is_file(), cert.is_file() and key.is_file()
    if not has_ca and not has_pair:
        return None
    authority = ca if has_ca else None
    return TlsFiles(authority, cert if has_pair else None, key if has_pair else None, verify)


def _current_context(environ: Mapping[str, str], configuration: Path) -> tuple[str, str]:
    """The name of the CLI's current context and who says so; "" for the default one."""
    name, source = environ.get("DOCKER_CONTEXT", ""), "DOCKER_CONTEXT"
    if not name:
        file = configuration / "config.json"
        source = str(file)
        name = str(_json(file).get("currentContext") or "") if file.is_file() else ""
    return ("" if name == "default" else name), source


def _from_context(name: str, source: str, configuration: Path) -> Endpoint:
    digest = hashlib.sha256(name.encode()).hexdigest()
    file = configuration / "contexts" / "meta" / digest / "meta.json"
    if not file.is_file():
        raise MllintError(
            f"{source} names the context {name!r}, which {configuration} does not hold;"
            " docker context ls lists those there are"
        )
    endpoints = _json(file).get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    url = docker.get("Host") if isinstance(docker, dict) else None
    if not isinstance(url, str) or not isinstance(docker, dict):
        raise MllintError("holds no address of an engine", str(file))
    verify = not docker.get("SkipTLSVerify")
    tls = _tls_files(configuration / "contexts" / "tls" / digest / "docker", verify)
    return Endpoint(url, f"context {name}", tls, name)


def _json(file: Path) -> dict[str, object]:
    try:
        data = json.loads(file.read_bytes())
    except OSError as error:
        raise MllintError(f"cannot be read: {error.strerror}", str(file)) from None
    except ValueError:
        raise MllintError("is no JSON", str(file)) from None
    if not isinstance(data, dict):
        raise MllintError("holds no JSON object", str(file))
    return data


def _defaults(environ: Mapping[str, str], home: Path) -> list[Endpoint]:
    """The sockets of an engine of the system, of a rootless one, of Docker Desktop, of Podman."""
    runtime = environ.get("XDG_RUNTIME_DIR")
    sockets = [(_DEFAULT_URL.removeprefix("unix://"), "Docker's socket")]
    if runtime:
        sockets.append((f"{runtime}/docker.sock", "rootless Docker's socket"))
    sockets.append((f"{home}/.docker/run/docker.sock", "Docker Desktop's socket"))
    if runtime:
        sockets.append((f"{runtime}/podman/podman.sock", "Podman's socket"))
    sockets.append(("/run/podman/podman.sock", "Podman's socket of the system"))
    return [Endpoint(f"unix://{path}", source) for path, source in sockets]
