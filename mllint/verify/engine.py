"""The place of an engine in, a connection out; the one module that knows the docker SDK.

Every call has a deadline, and what it raises is an EngineError. Streams are read by the HTTP API
of the engine itself: the SDK's own helpers switch their timeouts off.
"""

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

import docker  # noqa: TID251

from mllint.errors import MllintError
from mllint.verify.engine_info import EngineInfo, read_info
from mllint.verify.failures import (
    EngineError,
    EngineUnreachable,
    PermissionDenied,
    Refused,
    answer,
    failure_of,
    is_foreign,
    permission_denied,
)
from mllint.verify.hosts import Endpoint
from mllint.verify.ssh import SshTunnel

CONNECT_TIMEOUT_S = 10.0
CALL_TIMEOUT_S = 60.0
_CHUNK_BYTES = 64 * 1024
_SHORTEST_WAIT_S = 0.01


class Engine:
    """A connection to an engine that answered; close it, or use it in a `with`."""

    def __init__(self, endpoint: Endpoint, timeout_s: float = CONNECT_TIMEOUT_S) -> None:
        self.endpoint = endpoint
        self._resources = contextlib.ExitStack()
        try:
            self._api = self._connected(timeout_s)
            version = self.read("asking for its version", "GET", "/version", timeout_s)
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
    ) -> Iterator[bytes]:
        """The body of an answer, piece by piece, until `deadline` (time.monotonic()).

        Closing the iterator ends the request: the engine then gives up what it was doing.
        """
        begun = time.monotonic()
        with self._errors(what, deadline - begun):
            response = self._request(what, method, path, deadline - begun, **request)
            socket = _socket_of(response)
            pieces = response.raw.stream(_CHUNK_BYTES, decode_content=False)
            try:
                while True:
                    left = deadline - time.monotonic()
                    if left <= 0:
                        raise TimeoutError("timed out")
                    if socket is not None:
                        socket.settimeout(max(left, _SHORTEST_WAIT_S))
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
        url = f"{self._api.base_url}/v{self._api.api_version}{path}"
        timeout = max(timeout_s, _SHORTEST_WAIT_S)
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
        endpoint, tunnel = self.endpoint, None
        if endpoint.url.startswith("ssh://"):
            tunnel = SshTunnel(endpoint.url)
            self._resources.callback(tunnel.close)
        elif endpoint.socket is not None and not endpoint.socket.exists():
            raise EngineUnreachable(f"{endpoint.url} is not there")
        try:
            url = tunnel.url if tunnel is not None else endpoint.url
            api = docker.APIClient(url, None, tls=_tls(endpoint), timeout=timeout_s)  # type: ignore[arg-type]
        except Exception as error:
            if not is_foreign(error):
                raise
            complaint = tunnel.complaint() if tunnel is not None else ""
            raise _unreachable(error, endpoint, complaint, timeout_s) from error
        self._resources.callback(api.close)
        return api


def connect(endpoints: Sequence[Endpoint], timeout_s: float = CONNECT_TIMEOUT_S) -> Engine:
    """The first engine that answers; raises EngineUnreachable, which says what was tried."""
    refusals: list[EngineError] = []
    for endpoint in endpoints:
        try:
            return Engine(endpoint, timeout_s)
        except EngineError as error:
            refusals.append(error)
    for refusal in refusals:
        if isinstance(refusal, PermissionDenied) or len(refusals) == 1:
            raise refusal
    tried = "; ".join(
        f"{endpoint.source}: {refusal.message}"
        for endpoint, refusal in zip(endpoints, refusals, strict=True)
    )
    raise EngineUnreachable(
        f"no engine answers ({tried})",
        "start one (sudo systemctl start docker), or name it: --host unix:///PATH",
    )


def _tls(endpoint: Endpoint) -> "docker.TLSConfig | bool":
    if endpoint.tls is None:
        return False
    ca, cert, key, verify = endpoint.tls
    pair = (str(cert), str(key)) if cert and key else None
    try:
        return docker.TLSConfig(pair, str(ca) if ca else None, verify)
    except docker.errors.DockerException as error:
        raise MllintError(f"{endpoint.source}: {error}") from None


def _unreachable(
    error: BaseException, endpoint: Endpoint, complaint: str, timeout_s: float
) -> EngineError:
    text = str(error)
    if "PermissionError(13" in text:
        return permission_denied(endpoint.shown)
    if complaint:
        return EngineUnreachable(f"{endpoint.shown} cannot be reached: ssh says: {complaint}")
    if "Read timed out" in text or "timed out" in text.lower():
        reason = f"no answer in {timeout_s:g} s"
    elif "ConnectionRefused" in text or "Connection refused" in text:
        reason = "nobody listens"
    elif "HTTP request to an HTTPS server" in text:
        reason = "it wants TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH"
    else:
        reason = " ".join(text.split())[-400:]
    return EngineUnreachable(f"{endpoint.shown} cannot be reached: {reason}")


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
