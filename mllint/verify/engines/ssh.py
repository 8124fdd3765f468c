"""An `ssh://` address in, a local socket that leads to that engine out.

Each connection is one `ssh HOST docker system dial-stdio` of the system's ssh client, as the
docker CLI does it: keys, jump hosts and known hosts are the user's own. It has no terminal, so
that it cannot wait for a password.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from mllint.errors import MllintError

_CONNECT_TIMEOUT_S = 10
_LONGEST_COMPLAINT = 400


def ssh_command(url: str) -> list[str]:
    """What reaches the engine; raises MllintError for an address that is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MllintError(f"{url!r} is no address: {error}") from None
    if not parts.hostname or parts.password or parts.query or parts.fragment:
        raise MllintError(f"{url!r} is no address such as ssh://USER@HOST:PORT")
    command = ["ssh", "-o", f"ConnectTimeout={_CONNECT_TIMEOUT_S}", "-T"]
    if parts.username:
        command += ["-l", unquote(parts.username)]
    if port is not None:
        command += ["-p", str(port)]
    remote = ["docker"]
    if parts.path not in ("", "/"):
        remote.append(f"--host=unix://{unquote(parts.path)}")
    # Behind `--`: a host that begins with a dash is no option.
    return [*command, "--", parts.hostname, *remote, "system", "dial-stdio"]


class SshTunnel:
    """A socket in a private folder; whoever connects to it talks to the engine behind `url`."""

    def __init__(self, url: str) -> None:
        self._command = ssh_command(url)
        if shutil.which("ssh") is None:
            raise MllintError(f"{url} needs an ssh client, and there is none on the PATH")
        self._folder = Path(tempfile.mkdtemp(prefix="mllint-ssh-"))
        self._clients: list[subprocess.Popen[bytes]] = []
        self._complaints: BinaryIO = (self._folder / "stderr").open("w+b")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._folder / "docker.sock"))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of the local socket."""
        return f"unix://{self._folder / 'docker.sock'}"

    def complaint(self) -> str:
        """The end of what ssh said, on one line."""
        self._complaints.flush()
        size = os.fstat(self._complaints.fileno()).st_size
        begin = max(0, size - _LONGEST_COMPLAINT)
        data = os.pread(self._complaints.fileno(), _LONGEST_COMPLAINT, begin)
        return " ".join(data.decode(errors="replace").split())

    def close(self) -> None:
        """End all connections and take the socket away."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for client in self._clients:
            client.kill()
            client.wait()
        self._complaints.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed
                return
            self._clients = [client for client in self._clients if client.poll() is None]
            with connection:
                self._clients.append(
                    subprocess.Popen(
                        self._command,
                        stdin=connection.fileno(),
                        stdout=connection.fileno(),
                        stderr=self._complaints,
                        start_new_session=True,
                    )
                )
