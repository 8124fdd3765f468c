"""Ctrl-C and SIGTERM end uv and leave nothing behind; environments are resolved side by side."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faulty_index import answering
from local_index import local_indexes

ROOT = Path(__file__).parent.parent
TWO = """\
FROM python:3.10-slim
RUN python -m venv /opt/a && /opt/a/bin/pip install torch==2.1.0 --index-url {url}
RUN python -m venv /opt/b && /opt/b/bin/pip install torch==2.0.1 --index-url {url}
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("project/.git", "temporary"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path / "project"


def start(folder, *arguments, **more):
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(folder.parent / "temporary"),
        "UV_CACHE_DIR": str(folder.parent / "cache"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "mllint", *arguments], cwd=folder, env=environ, **more
    )


def left(folder):
    """The processes that work below the temporary folder, by their id."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            place = str((process / "cwd").readlink())
        except OSError:
            continue
        if place.startswith(str(folder.parent / "temporary")):
            found.append(process.name)
    return found


def wait_for(condition):
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc")
@pytest.mark.parametrize(("kind", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", [("check",), ("plan", "Dockerfile")], ids=" ".join)
def test_a_signal_ends_uv_and_leaves_nothing(kind, code, command, folder):
    with answering(None) as url:
        (folder / "Dockerfile").write_text(TWO.format(url=url))
        run = start(
            folder, *command, "--resolve", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        wait_for(lambda: len(left(folder)) == 2)  # both environments at once
        started = time.monotonic()
        run.send_signal(kind)
        output, told = run.communicate(timeout=20)
        assert time.monotonic() - started < 5
    assert run.returncode == code
    assert left(folder) == []
    assert list((folder.parent / "temporary").iterdir()) == []
    assert output == ""
    assert told == ("mllint: stopped\n" if kind == signal.SIGINT else "")


def test_a_terminal_shows_what_is_resolved_and_keeps_nothing_of_it(folder):
    mine, theirs = pty.openpty()
    with local_indexes() as found:
        (folder / "Dockerfile").write_text(TWO.format(url=f"{found.url}/default"))
        run = start(
            folder, "check", "--resolve", *found.options, stdout=subprocess.PIPE, stderr=theirs
        )
        output, _ = run.communicate(timeout=60)
    os.close(theirs)
    told = os.read(mine, 65536).decode()
    os.close(mine)
    assert run.returncode in (0, 1) and b"resolving" not in output
    assert "\r\x1b[2Kresolving /opt/a in stage 0 …" in told
    assert "\r\x1b[2Kresolving /opt/b in stage 0 …" in told
    assert told.endswith("\r\x1b[2K")


def test_no_terminal_no_progress(folder):
    with local_indexes() as found:
        (folder / "Dockerfile").write_text(TWO.format(url=f"{found.url}/default"))
        run = start(folder, "check", "--resolve", *found.options, stderr=subprocess.PIPE)
        assert run.communicate(timeout=60)[1] == b""


def test_the_time_limit_ends_a_call_and_names_it(folder):
    """An index that answers a byte at a time is never silent for long."""
    with answering(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", drip=True) as url:
        (folder / "Dockerfile").write_text(TWO.format(url=url))
        started = time.monotonic()
        run = start(
            folder,
            *("check", "--resolve", "-v", "--resolve-timeout", "3"),
            stdout=subprocess.PIPE,
            text=True,
        )
        output, _ = run.communicate(timeout=60)
        assert time.monotonic() - started < 6  # side by side
    assert "not resolved: the indexes did not answer in 3 s\n" in output
    assert "2 things not checked" in output
    assert left(folder) == []
    assert list((folder.parent / "temporary").iterdir()) == []
