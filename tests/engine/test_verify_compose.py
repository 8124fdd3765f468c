"""`mllint verify compose.yaml` on real engines: a service as it says, and volumes of its own."""

import hashlib
import json
import os
import signal
from pathlib import Path

import pytest
from building import connected
from test_verify import failed, told
from test_verify_ends import containers, ended, until
from verifying import PYTHON, nothing_left, spawn, verify

from mllint.verify.engines.cleanup import leftovers
from mllint.verify.services.copying import MOST_ENTRIES

FILE = "compose.yaml"
OPEN, CLOSED = 1000, 0


@pytest.fixture
def folder(tmp_path):
    """Two folders of data, of which one belongs to the user 1000."""
    for name, owner in (("open", OPEN), ("closed", CLOSED)):
        (tmp_path / name / "in").mkdir(parents=True)
        (tmp_path / name / "in/a").write_text(name)
        (tmp_path / name).chmod(0o755)
        os.chown(tmp_path / name, owner, owner)
    return tmp_path


def state(folder: Path) -> dict[str, tuple[object, ...]]:
    """All that could change in a folder but the time of access."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        data = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        owned = (status.st_uid, status.st_gid, status.st_mode, status.st_mtime_ns)
        found[str(path)] = (data, *owned)
    return found


def verified(daemon, folder: Path, text: str, code: int, *arguments: str):
    """The command on a compose file of that text; the folder stays as it is, nothing is left."""
    (folder / FILE).write_text(text)
    before = state(folder)
    done = verify(daemon, folder, *arguments, file=FILE)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    assert nothing_left(daemon)
    assert state(folder) == before
    return done


MOUNTS = """
services:
  a:
    image: busybox:1.36
    user: "1000"
    command: "true"
    volumes: [./open:/open, ./closed:/closed, ./open:/ro:ro, ./gone:/gone, ./open/in/a:/a]
    tmpfs: [/scratch]
"""


def test_folder_of_which_a_part_is_copied(old_engine, folder):
    """It shows whether the user may write; programs would miss the rest, and are not given it."""
    for number in range(MOST_ENTRIES + 1):
        (folder / f"open/{number}").touch()
    text = (
        "services:\n  a:\n    image: busybox:1.36\n    user: '1000'\n"
        "    command: sh -c 'ls /open'\n    volumes: ['./open:/open']\n"
    )
    done = verified(old_engine, folder, text, 0)
    kept = "user 1000:0 writes, and the next container reads it: a copy of a part of open"
    assert told(done, "volume /open") == ("pass", kept)
    mark, why = told(done, "start command")
    assert (mark, "No such file or directory" in why) == ("?", True)
    assert "open was copied in part only" in " ".join(done.output.split())


def test_bind_mounts(engine, folder):
    done = verified(engine, folder, MOUNTS, 5)
    assert f"{FILE}, service a on Docker" in done.output
    assert failed(done) == ["volume /closed", "volume /gone"]
    who = "user 1000:0 may not write"
    owned = "owner 0:0, mode drwxr-xr-x"
    assert told(done, "volume /closed")[1] == f"{who}: a copy of closed, {owned}"
    assert "sudo chown -R 1000:0 closed" in done.output
    assert "mkdir -p gone && sudo chown -R 1000:0 gone" in done.output
    assert not (folder / "gone").exists()
    for name in ("/open", "/ro", "/a", "/scratch"):
        assert told(done, f"volume {name}")[0] == "pass"
    assert "and the next container reads it" in done.output


BUILT = """
services:
  a:
    build:
      context: .
      target: used
      args: {MODEL: big}
    shm_size: 128m
    user: "1000"
    environment: {MODE: fast}
    command: ["sh", "-c", "test -f /models/big"]
    volumes: [models:/models, ./closed:/hidden:ro, ./closed/in:/hidden/in:ro, ./open/in/a:/models/a]
  b: {image: busybox}
volumes: {models: }
"""


def test_service_that_is_built_and_run_as_it_says(engine, folder):
    (folder / "Dockerfile").write_text(
        "FROM busybox:1.36 AS used\nARG MODEL\n"
        "RUN mkdir -p /hidden/in /models && touch /hidden/x /hidden/in/y\n"
        "RUN touch /models/$MODEL && chown -R 1000 /models\n"
        "FROM busybox:1.36\nCMD false\n"
    )
    runs = (
        'test "$MODE:$(id -u)" = fast:1000',
        "test \"$(df -k /dev/shm | awk 'NR == 2 { print $2 }')\" = 131072",
        "touch /models/new",
        'test "$(cd /hidden && echo *):$(ls /hidden/in):$(cat /models/a)" = in:a:open',
    )
    options = [word for run in runs for word in ("--run", run)]
    done = verified(engine, folder, BUILT, 0, "--service", "a", *options)
    assert told(done, "start command")[0] == "pass"
    kept = "user 1000:0 writes, and the next container reads it: the volume models"
    assert " ".join(done.output.split()).count(kept) == 1
    assert told(done, "GPU") == ("skip", "GPU checks skipped: the service a asks for none")


def test_volume_that_the_user_may_not_write(old_engine, folder):
    """And what a program tells of the service: as JSON, and without its credentials."""
    secret = "hf_" + "aB3" * 12
    (folder / ".env").write_text(f"TOKEN={secret}\n")
    text = (
        "services:\n  a:\n    user: '1000'\n    volumes: ['cache:/cache']\n"
        "    environment: {HF_TOKEN: '${TOKEN}'}\n"
        "    command: sh -c 'echo I have $$HF_TOKEN; exit 3'\n"
        "    build:\n      dockerfile_inline: |\n        FROM busybox:1.36\n        RUN true\n"
    )
    done = verified(old_engine, folder, text, 5, "--format", "json", "-q")
    report = json.loads(done.output)
    assert secret not in done.output
    assert (report["subject"], report["service"]["name"]) == (FILE, "a")
    (volume,) = report["service"]["volumes"]
    assert (volume["target"], volume["written"]) == ("/cache", False)
    checks = {check["name"]: check for check in report["checks"]}
    assert checks["start command"]["detail"].startswith("ended with status 3: I have ***")
    assert "RUN mkdir -p /cache && chown 1000:0 /cache" in checks["volume /cache"]["help"]


def test_dockerfile_that_a_service_builds_is_told(old_engine, folder):
    """Nobody named the service, and its target is not what `docker build .` makes."""
    (folder / "Dockerfile").write_text("FROM busybox:1.36 AS a\nFROM a\nRUN exit 3\n")
    (folder / FILE).write_text("services:\n  x:\n    build: {context: ., target: a}\n")
    done = verify(old_engine, folder, "--run", "true")
    assert done.exit_code == 0
    assert f"with what is set for it by service x ({FILE}:2), target a\n" in done.output


def test_external_volume_has_an_owner_that_nobody_knows(old_engine, folder):
    text = (
        "services:\n  a:\n    image: busybox:1.36\n    user: '1000'\n    command: sleep 9\n"
        "    volumes: ['given:/given']\nvolumes: {given: {external: true}}\n"
    )
    done = verified(old_engine, folder, text, 6)
    mark, why = told(done, "volume /given")
    assert (mark, why.endswith("mode drwxr-xr-x: it is")) == ("?", True)
    assert "external: its owner is that of whoever made it" in done.output


def test_dockerfile_in_the_compose_file_that_fails(old_engine, folder):
    text = (
        "services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM busybox:1.36\n"
        "        RUN echo before; sleep 1; exit 3\n"
    )
    done = verified(old_engine, folder, text, 5)
    assert f"{FILE}:6:1: the build failed" in done.output


@pytest.mark.parametrize(
    ("text", "code", "outcome", "detail"),
    [
        (
            'FROM python:3.11-slim-bookworm\nRUN ["python3", "-c", '
            "\"import os; os.remove('/bin/sh'), os.remove('/usr/bin/dash')\"]\n",
            5,  # its Python is not where that of the real image is
            "pass",
            "user 0:0 writes, and the next container reads it",
        ),
        (
            "FROM busybox:1.36 AS b\nFROM scratch\nCOPY --from=b /bin/busybox /bb\n"
            'CMD ["/bb", "true"]\n',
            6,
            "?",
            "the image has neither a shell nor Python",
        ),
    ],
)
def test_image_without_a_shell(old_engine, folder, text, code, outcome, detail):
    (folder / "Dockerfile").write_text(text)
    compose = "services:\n  a:\n    build: .\n    volumes: [data:/data]\nvolumes: {data: }\n"
    mark, what = told(verified(old_engine, folder, compose, code), "volume /data")
    assert mark == outcome
    assert what.startswith(detail)


def test_environment_that_a_bind_mount_hides(old_engine, folder):
    """`./app:/app` over the image's `/app/.venv`: the service finds no program to start."""
    (folder / "Dockerfile").write_text(f"{PYTHON}RUN python3 -m venv /app/.venv\n")
    text = (
        "services:\n  a:\n    build: .\n    init: true\n    volumes: ['./open:/app']\n"
        "    command: ['/app/.venv/bin/python', '-c', 'pass']\n"
    )
    done = verified(old_engine, folder, text, 5)
    assert "start command" in failed(done)
    assert "exec /app/.venv/bin/python failed: No such file" in " ".join(done.output.split())
    assert told(done, "volume /app")[0] == "pass"
    assert told(done, "interpreter")[1].startswith("/usr/bin/python3")


class TestGpu:
    TEXT = (
        "services:\n  a:\n    image: nvidia/cuda:12.1.1-base-ubuntu22.04\n    command: 'true'\n"
        "    deploy: {resources: {reservations: {devices: [{"
        "driver: nvidia, device_ids: ['1'], capabilities: [gpu]}]}}}\n"
        "  b:\n    image: nvidia/cuda:12.1.1-base-ubuntu22.04\n    command: 'true'\n"
    )

    @pytest.fixture(autouse=True)
    def _mode(self, old_engine):
        old_engine.mode(mode="ok", gpus=2)
        yield
        old_engine.mode(mode="ok")

    def test_is_given_where_the_service_asks_for_one(self, old_engine, folder):
        done = verified(old_engine, folder, self.TEXT, 0, "--service", "a")
        assert told(done, "nvidia-smi")[0] == "pass"
        # Though the image has NVIDIA_VISIBLE_DEVICES=all.
        done = verified(old_engine, folder, self.TEXT, 0, "--service", "b")
        assert told(done, "GPU") == ("skip", "GPU checks skipped: the service b asks for none")


LONG = MOUNTS.replace('command: "true"', "command: sleep 300").replace("./closed:/closed, ", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_run_that_is_stopped(old_engine, folder, number):
    """Its volumes go with it, or with `--clean` where it was killed."""
    (folder / FILE).write_text(LONG)
    process = spawn(old_engine, folder, FILE)
    try:
        until(lambda: any("sleep 300" in each for each in containers(old_engine)))
        _, out, err = ended(process, number)
    finally:
        process.kill()
    assert "Traceback" not in out + err
    if number == signal.SIGKILL:
        with connected(old_engine) as engine:
            assert "volume" in {each.kind for each in leftovers(engine)}
        cleaning = spawn(old_engine, folder, "--clean")
        assert "removed volume mllint-verify-" in cleaning.communicate(timeout=60)[0]
    assert nothing_left(old_engine)


def test_podman(podman, folder):
    """It gives new volumes to their first user: not so those that stand in for bind mounts."""
    (folder / FILE).write_text(MOUNTS.replace("./gone:/gone", "own:/own"))
    before = state(folder)
    process = spawn(podman, folder, FILE, "--host", podman.url, "-v")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 5, out + err
    assert "FAIL  volume /closed: user 1000:0 may not write: a copy of closed, owner 0:0" in out
    for name in ("/open", "/ro", "/a", "/own", "/scratch"):
        assert f"pass  volume {name}: user 1000:0 " in out
    assert state(folder) == before
    assert nothing_left(podman)
