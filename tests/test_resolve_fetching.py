"""The pages of indexes that mean harm: they redirect, never come to an end, or are broken."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mllint.resolve.fetching import fetch_page, length

LINK = b'<a href="a-1.0-py3-none-any.whl">a</a>'


@contextmanager
def serving(answer):
    """The address of a server, and the Authorization headers that it got."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args):
            """Tell nobody."""

        def do_GET(self):
            got.append(self.headers.get("Authorization"))
            answer(self)

        do_HEAD = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        server.server_close()


def links(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    handler.wfile.write(LINK)


def to(place):
    def answer(handler):
        if handler.path == "/here":
            links(handler)
            return
        handler.send_response(302)
        handler.send_header("Location", place)
        handler.end_headers()

    return answer


def test_credentials_do_not_follow_to_another_host():
    with serving(links) as (other, got_there), serving(to(f"http://{other}/x")) as (index, got):
        page = fetch_page(f"http://me:secret@{index}/simple/a/", 5)
        length(f"http://me:secret@{index}/a.whl", 5)
    assert [entry[0] for entry in page.entries] == ["a-1.0-py3-none-any.whl"]
    assert None not in got
    assert got_there == [None, None]


def test_they_follow_on_the_same_host():
    with serving(to("/here")) as (index, got):
        fetch_page(f"http://me:secret@{index}/simple/a", 5)
    assert len(got) == 2
    assert None not in got


def test_no_other_scheme_is_followed():
    for place in ("file:///etc/passwd", "ftp://127.0.0.1/x"):
        with serving(to(place)) as (index, _):
            assert fetch_page(f"http://{index}/simple/a/", 5) == "answers with status 302"


def test_a_page_that_comes_byte_by_byte():
    def drip(handler):
        handler.send_response(200)
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    with serving(drip) as (index, _):
        began = time.monotonic()
        with pytest.raises(TimeoutError):  # who asks notes the host as silent
            fetch_page(f"http://{index}/simple/a/", 0.5)
        assert time.monotonic() - began < 3


def test_a_broken_page():
    def broken(handler):
        links(handler)
        handler.wfile.write(b"<![x")

    with serving(broken) as (index, _):
        assert fetch_page(f"http://{index}/simple/a/", 5).entries
