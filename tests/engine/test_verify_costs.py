"""What `mllint verify` takes: containers, and memory beside 100 MB of output."""

import contextlib
import json
import threading
import time
from pathlib import Path

from building import connected
from verifying import INSTALL, make_wheel, spawn, verify

_MIB = 1024
NOISE = (
    "FROM busybox:1.36\n"
    "RUN yes $(head -c 2000 /dev/zero | tr '\\000' x) | head -c 100000000\n"
    "CMD yes $(head -c 2000 /dev/zero | tr '\\000' x) | head -c 100000000\n"
)


def made_since(daemon, begun: float) -> list[str]:
    """The containers that were made, as the engine remembers; each is one start."""
    query = {
        "since": f"{begun:.9f}",
        "until": f"{time.time():.9f}",
        "filters": json.dumps({"type": ["container"], "event": ["start"]}),
    }
    with connected(daemon) as engine:
        data = engine.send("", "GET", "/events", params=query)
    return [json.loads(line)["Actor"]["ID"] for line in data.splitlines() if line.strip()]


def read_beside(process) -> tuple[str, int]:
    """What it tells, and the most memory that it held at once, in KiB.

    What wait4 says of memory counts the copy of this process that became it.
    """
    peak, told = 0, []
    reader = threading.Thread(target=lambda: told.append(process.stderr.read()))
    reader.start()
    while process.poll() is None:
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{process.pid}/status").read_text()
            sizes = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
            peak = max(peak, *map(int, sizes), 0)
        time.sleep(0.02)
    reader.join()
    return told[0], peak


def test_two_containers_for_an_image(old_engine, tmp_path):
    """One `docker run` of the imports takes one of them."""
    make_wheel(tmp_path / "wheels", "sound", "1.0")
    (tmp_path / "requirements.txt").write_text("sound==1.0\n")
    (tmp_path / "Dockerfile").write_text(f"{INSTALL}CMD true\n")
    verify(old_engine, tmp_path)  # its layers are now in the cache
    begun = time.time()
    assert verify(old_engine, tmp_path).exit_code == 0
    assert len(made_since(old_engine, begun)) == 2


def test_memory_beside_much_output(old_engine, tmp_path):
    (tmp_path / "Dockerfile").write_text(NOISE)
    without = {**old_engine.cli, "PATH": "/nowhere"}  # the classic builder hands all of it on
    for place in (old_engine.cli, without):
        words = ("Dockerfile", "--no-cache", "--output", "report.txt", "--run", "true")
        with spawn(old_engine, tmp_path, *words, environment=place) as process:
            told, peak = read_beside(process)
        assert process.returncode == 0, told[-2000:]
        assert len(told) < 2_000_000
        assert 0 < peak < 120 * _MIB
