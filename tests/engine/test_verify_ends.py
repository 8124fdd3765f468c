"""Runs of `mllint verify` that are ended in the middle, and engines that go away: nothing stays."""

import os
import signal
import threading
import time
from pathlib import Path

import images
import pytest
from building import connected
from verifying import VENV, nothing_left, spawn, verify

BUILD = "FROM busybox:1.36\nRUN echo begun; sleep 300\nCMD true\n"
IMPORT = f'{VENV}COPY slow.py /app/\nWORKDIR /app\nENV PYTHONPATH=/app\nCMD ["true"]\n'
START = 'FROM busybox:1.36\nCMD ["sleep", "300"]\n'
LONG = 60


def until(holds, seconds: float = LONG) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def containers(daemon) -> list[str]:
    with connected(daemon) as engine:
        return [each["Command"] for each in engine.read("", "GET", "/containers/json")]


def ended(process, number: int) -> tuple[int, str, str]:
    """The signal, and what came of it."""
    process.send_signal(number)
    out, err = process.communicate(timeout=LONG)
    return process.returncode, out, err


PHASES = [
    pytest.param(BUILD, (), "begun", id="build"),
    pytest.param(IMPORT, ("--import", "slow"), "mllint-probe", id="probe"),
    pytest.param(START, (), "sleep 300", id="start"),
    pytest.param("FROM busybox:1.36\n", ("--run", "sleep 299"), "sleep 299", id="command"),
]


@pytest.mark.parametrize(("text", "arguments", "word"), PHASES)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_run_that_is_stopped(old_engine, tmp_path, text, arguments, word, number, code):
    (tmp_path / "Dockerfile").write_text(text)
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(300)\n")
    process = spawn(old_engine, tmp_path, "Dockerfile", "--no-cache", *arguments)
    try:
        if word == "begun":
            for line in process.stderr:
                if line.strip() == "begun":
                    break
        else:
            until(lambda: any(word in each for each in containers(old_engine)))
        got, out, err = ended(process, number)
    finally:
        process.kill()
    assert got == code, err
    assert "Traceback" not in err
    assert out == ""
    assert nothing_left(old_engine)
    until(lambda: not containers(old_engine), 15)


def test_what_a_killed_run_left_is_removed_later(old_engine, tmp_path):
    (tmp_path / "Dockerfile").write_text(START)
    process = spawn(old_engine, tmp_path, "Dockerfile")
    until(lambda: any("sleep 300" in each for each in containers(old_engine)))
    process.kill()
    process.communicate()
    assert not nothing_left(old_engine)
    process = spawn(old_engine, tmp_path, "--clean")
    out, _ = process.communicate(timeout=LONG)
    assert process.returncode == 0
    assert "removed container" in out
    assert "removed image" in out
    assert nothing_left(old_engine)


def test_engine_that_goes_away(rig, tmp_path):
    """In the middle of the build, and of the test."""
    daemon = rig.daemon(rig.old, standin=False)
    client = daemon.client()
    images.add_tiny(client, rig.old)
    client.close()
    for text, word in ((BUILD, None), (START, "sleep 300")):
        (tmp_path / "Dockerfile").write_text(text)
        process = spawn(daemon, tmp_path, "Dockerfile")
        if word is None:
            for line in process.stderr:
                if line.strip() == "begun":
                    break
        else:
            until(lambda word=word: any(word in each for each in containers(daemon)))
        threading.Thread(target=daemon.kill).start()
        out, err = process.communicate(timeout=LONG)
        assert process.returncode == 6, out + err
        assert "Traceback" not in err
        assert "went away" in err or "cannot be reached" in err
        assert ("could not be removed: " in err) == ("mllint verify --clean" in err)
        daemon.start()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_socket_without_permission(old_engine, tmp_path):
    # What is imported only now the other user need not be able to read.
    verify(None, Path("/"), "busybox:1.36", "--host", f"{tmp_path}/none.sock", file="")
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
    try:
        done = verify(old_engine, Path("/"), "busybox:1.36", file="")
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)
    assert done.exit_code == 6
    assert "this user may not use the engine at unix:" in done.output
    assert "group docker" in done.output
