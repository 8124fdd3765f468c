"""The place of an engine in, a connection out; the one module that knows the docker SDK.

Every call has a deadline, and what it raises is an EngineError. Streams are read by the HTTP API
of the engine itself: the SDK's own helpers switch their timeouts off.
"""

import contextlib
import json
import time
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import docker  # noqa: TID251
import docker.constants  # noqa: TID251

from mllint.errors import MllintError
from mllint.verify.engines.engine_info import EngineInfo, read_info
from mllint.verify.engines.failures import (
    EngineError,
    EngineUnreachable,
    Refused,
    answer,
    failure_of,
    is_foreign,
)
from mllint.verify.engines.hosts import Endpoint
from mllint.verify.engines.ssh import SshTunnel
from mllint.verify.engines.unreachable import nobody_answers, refuse_dead_socket, unreachable

CONNECT_TIMEOUT_S = 10.0
CALL_TIMEOUT_S = 60.0
_CHUNK_BYTES = 64 * 1024
_SHORTEST_WAIT_S = 0.01
_OLDEST_API = "1.24"
_NEWEST_API = (1, 47)
"""The newest version of the API whose answers were read for this; later engines speak it too."""


class Engine:
    """A connection to an engine that answered; close it, or use it in a `with`."""

    def __init__(self, endpoint: Endpoint, timeout_s: float = CONNECT_TIMEOUT_S) -> None:
        self.endpoint = endpoint
        self._resources = contextlib.ExitStack()
        self._tunnel: SshTunnel | None = None
        self._version = ""
        try:
            self._api = self._connected(timeout_s)
            version = self._negotiate(timeout_s)
            self.info: EngineInfo = read_info(
                version, self.read("asking what it is", "GET", "/info")
            )
        except BaseException:
            self._resources.close()
            raise

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._resources.close()

    def stream(
        self,
        what: str,
        method: str,
        path: str,
        deadline: float,
        **request: Any,  # noqa: ANN401 - what requests takes
    ) -> Generator[bytes]:
        """The body of an answer, piece by piece, until `deadline` (time.monotonic()).

        Closing the iterator ends the request: the engine then gives up what it was doing.
        """
        begun = time.monotonic()
        with self._errors(what, deadline - begun):
            response = self._request(what, method, path, deadline - begun, **request)
            below = _socket_of(response)
            pieces = response.raw.stream(_CHUNK_BYTES, decode_content=False)
            try:
                while True:
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise TimeoutError("timed out")
                    if below is not None:
                        below.settimeout(max(left, _SHORTEST_WAIT_S))
                    piece = next(pieces, None)
                    if piece is None:
                        return
                    yield piece
            finally:
                response.close()

    def send(
        self,
        what: str,
        method: str,
        path: str,
        timeout_s: float = CALL_TIMEOUT_S,
        **request: Any,  # noqa: ANN401 - what requests takes
    ) -> bytes:
        """The body of a short answer; raises EngineError, also when it comes too late."""
        with self._errors(what, timeout_s):
            response = self._request(what, method, path, timeout_s, stream=False, **request)
            return bytes(response.content)

    def read(
        self,
        what: str,
        method: str,
        path: str,
        timeout_s: float = CALL_TIMEOUT_S,
        **request: Any,  # noqa: ANN401 - what requests takes
    ) -> Any:  # noqa: ANN401 - JSON
        """What a short answer holds as JSON."""
        data = self.send(what, method, path, timeout_s, **request)
        try:
            return json.loads(data)
        except ValueError:
            raise Refused(f"{self.endpoint.shown} answers no JSON while {what}") from None

    def registry_headers(self) -> dict[str, str]:
        """What lets the engine pull with the logins of this user's docker configuration."""
        headers: dict[str, str] = {}
        with contextlib.suppress(AttributeError, docker.errors.DockerException):
            self._api._set_auth_headers(headers)  # type: ignore[attr-defined]
        return headers

    def _request(
        self,
        what: str,
        method: str,
        path: str,
        timeout_s: float,
        stream: bool = True,
        **request: Any,  # noqa: ANN401 - what requests takes
    ) -> Any:  # noqa: ANN401 - a requests.Response
        url = f"{self._api.base_url}{self._version}{path}"
        timeout = max(timeout_s, _SHORTEST_WAIT_S)
        # Docker packs the files of a container otherwise, and streams are read as they come.
        request["headers"] = {"Accept-Encoding": "identity", **request.get("headers", {})}
        if self.endpoint.tls is not None:
            # Unsaid, REQUESTS_CA_BUNDLE of the environment would win over the engine's own.
            request["verify"] = self._api.verify
        response = self._api.request(method, url, stream=stream, timeout=timeout, **request)
        if response.status_code >= 400:
            with contextlib.closing(response):
                raise answer(_message(response.content), response.status_code, what)
        return response

    @contextlib.contextmanager
    def _errors(self, what: str, timeout_s: float) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not is_foreign(error):
                raise
            raise failure_of(error, what, self.endpoint.shown, timeout_s) from error

    def _connected(self, timeout_s: float) -> "docker.APIClient":
        endpoint, url = self.endpoint, self.endpoint.url
        if url.startswith("ssh://"):
            self._tunnel = SshTunnel(url)
            self._resources.callback(self._tunnel.close)
            url = self._tunnel.url
        elif endpoint.socket is not None:
            refuse_dead_socket(endpoint, timeout_s)
        try:
            # With a version it connects to nothing yet.
            version = docker.constants.DEFAULT_DOCKER_API_VERSION
            api = docker.APIClient(url, version, tls=_tls(endpoint), timeout=timeout_s)  # type: ignore[arg-type]
        except docker.errors.DockerException as error:
            raise EngineUnreachable(f"{endpoint.source}: {error}") from None
        self._resources.callback(api.close)
        return api

    def _negotiate(self, timeout_s: float) -> Any:  # noqa: ANN401 - JSON
        """What the engine says of its version; from now on it is asked in one that it knows."""
        try:
            version = self.read("asking for its version", "GET", "/version", timeout_s)
        except EngineError as error:
            complaint = self._tunnel.complaint() if self._tunnel is not None else ""
            raise unreachable(error, self.endpoint, complaint, timeout_s) from error
        offered = _numbers(version.get("ApiVersion"))
        least = _numbers(version.get("MinAPIVersion"))
        self._version = "/v{}.{}".format(*max(min(offered, _NEWEST_API), least))
        return version


def connect(endpoints: Sequence[Endpoint], timeout_s: float = CONNECT_TIMEOUT_S) -> Engine:
    """The first engine that answers; raises EngineUnreachable, which says what was tried."""
    refusals: list[EngineError] = []
    for endpoint in endpoints:
        try:
            return Engine(endpoint, timeout_s)
        except EngineError as error:
            refusals.append(error)
    raise nobody_answers(endpoints, refusals)


def _tls(endpoint: Endpoint) -> "docker.TLSConfig | bool":
    if endpoint.tls is None:
        return False
    ca, cert, key, verify = endpoint.tls
    pair = (str(cert), str(key)) if cert and key else None
    try:
        return docker.TLSConfig(pair, str(ca) if ca else None, verify)
    except docker.errors.DockerException as error:
        raise MllintError(f"{endpoint.source}: {error}") from None


def _numbers(version: object) -> tuple[int, int]:
    """`1.41` as numbers; the oldest that is spoken where there are none."""
    major, _, minor = str(version or _OLDEST_API).partition(".")
    both = major.isdigit() and minor.isdigit()
    return (int(major), int(minor)) if both else _numbers(_OLDEST_API)


def _message(body: bytes) -> str:
    """What an answer that says no says."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")


def _socket_of(response: Any) -> Any:  # noqa: ANN401
    """The socket below an answer; None where the library keeps it elsewhere."""
    found = response.raw
    for name in ("_fp", "fp", "raw", "_sock"):
        found = getattr(found, name, None)
    return found if hasattr(found, "settimeout") else None
