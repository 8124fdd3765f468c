"""What mllint asks of an index itself: bounded in time, and credentials go to that host alone."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from faulty_index import answering

from mllint.resolve.asking import IndexMap
from mllint.resolve.listings import NO_ANSWER, Listings

PAGE = b'<a href="/torch-2.1.0-py3-none-any.whl">torch-2.1.0-py3-none-any.whl</a>'


@contextmanager
def server(location=None):
    """Its address, and the (path, credentials) of each request; location: where it sends to."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args):
            pass

        def do_GET(self):
            asked.append((self.path, self.headers["Authorization"]))
            moved = location is not None and not self.path.startswith("/moved")
            self.send_response(302 if moved else 200)
            if moved:
                self.send_header("Location", location(self.path))
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(PAGE)

        do_HEAD = do_GET

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://joe:pw@127.0.0.1:{served.server_port}/simple", asked
        served.shutdown()


def test_credentials_do_not_follow_to_another_host():
    with server() as (other, learned):
        elsewhere = other.replace("joe:pw@", "")
        with server(lambda path: elsewhere + path) as (index, asked):
            listings = Listings(5)
            assert len(listings.files(index, "torch")) == 1
            assert listings.length(f"{index}/torch-2.1.0-py3-none-any.whl") == len(PAGE)
    assert [credentials for _, credentials in asked] == ["Basic am9lOnB3"] * 2
    assert [credentials for _, credentials in learned] == [None] * 2


def test_credentials_follow_to_another_place_of_the_same_host():
    with server(lambda path: f"/moved{path}") as (index, asked):
        assert len(Listings(5).files(index, "torch")) == 1
    assert asked == [
        ("/simple/torch/", "Basic am9lOnB3"),
        ("/moved/simple/torch/", "Basic am9lOnB3"),
    ]


def test_a_page_that_never_ends_is_left():
    with answering(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", drip=True) as index:
        started = time.monotonic()
        assert Listings(1).trouble(index, "torch") == NO_ANSWER
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("asked", ["trouble", "length"])
def test_a_host_that_is_silent_is_waited_for_once(asked):
    with answering(None) as index:
        listings, started = Listings(1), time.monotonic()
        for package in ("a", "b", "c"):
            if asked == "length":
                assert listings.length(f"{index}/{package}.whl") is None
            else:
                assert listings.trouble(index, package) == NO_ANSWER
    assert time.monotonic() - started < 1.9


def test_a_page_that_is_cut_off_tells_nothing():
    said = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n" + PAGE
    with answering(said) as index:
        assert Listings(5).files(index, "torch") is None


def test_nobody_is_asked_when_the_run_ends():
    with server() as (index, asked):
        listings = Listings(5)
        listings.stop()
        assert listings.files(index, "torch") is None
        assert listings.length(f"{index}/a.whl") is None
    assert asked == []


def test_a_mirror_with_credentials_stands_for_its_index():
    indexes = IndexMap((("https://a.example/simple", "https://joe:pw@mirror.example/a"),))
    mirrored = indexes.mirror("https://a.example/simple/cu118")
    assert mirrored == "https://joe:pw@mirror.example/a/cu118"
    assert indexes.original(mirrored) == "https://a.example/simple/cu118"
