"""Indexes that do not do what an index does: silent, closed, garbled, in a circle, not trusted."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def closed() -> Iterator[str]:
    """An address that refuses connections."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{place.getsockname()[1]}/simple"


@contextmanager
def answering(
    said: bytes | None, tls: ssl.SSLContext | None = None, *, drip: bool = False
) -> Iterator[str]:
    """One that answers each request with these bytes and hangs up; None: that keeps silent.

    drip: it goes on with a byte now and then.
    """
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        address = f"http{'s' if tls else ''}://127.0.0.1:{port}/simple"

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                if said is None:
                    held.append(client)
                    continue
                threading.Thread(target=answer, args=(client,), daemon=True).start()

        def answer(client: socket.socket) -> None:
            try:
                with tls.wrap_socket(client, server_side=True) if tls else client as stream:
                    stream.recv(65536)
                    stream.sendall(said.replace(b"{here}", address.encode()))
                    while drip:
                        time.sleep(0.2)
                        stream.sendall(b" ")
            except OSError:
                client.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield address
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for client in held:
                client.close()
    thread.join()


def page(body: bytes, kind: str = "text/html", status: str = "200 OK", length: int = 0) -> bytes:
    """An answer in HTTP; length: what it says of the body, where that is not so."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % (length or len(body)) + body


CIRCLE = (
    b"HTTP/1.1 302 Found\r\nLocation: {here}/torch/\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for loopback that nobody signed but itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
