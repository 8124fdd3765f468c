"""Engines, images and containers as `verify` uses them, and every way in which they fail."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import images
import pytest
from building import build, connected, wanted

from mllint.verify.building.builds import Builder, Kind
from mllint.verify.engines.cleanup import Leftover, Run, clean, leftovers, new_run, remove_run
from mllint.verify.engines.container_spec import ContainerSpec, Gpus, VolumeMount
from mllint.verify.engines.containers import container
from mllint.verify.engines.engine import connect
from mllint.verify.engines.failures import (
    DaemonGone,
    DiskFull,
    EngineError,
    EngineUnreachable,
    ImageMissing,
    PermissionDenied,
    Refused,
    StartFailed,
    TimedOut,
)
from mllint.verify.engines.hosts import Endpoint
from mllint.verify.engines.image_info import has_image, read_image, read_layers

HERE = Path(__file__).parent
RUN = new_run()
CLASSIC = Builder(Kind.CLASSIC)
# The SDK leaves a socket open whose connect failed.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def connection(engine):
    with connected(engine) as made:
        yield made
    engine.mode(mode="ok")


def spec(*command, image=images.TINY, **options):
    return ContainerSpec(image, command or None, labels=RUN.labels, **options)


def ran(connection, *command, **options):
    """How a container ended, and its last 100 kB of output."""
    with container(connection, spec(*command, **options)) as made:
        made.start()
        return made.wait(60), made.output(100_000)


def containers_of(connection, run=RUN):
    return [each for each in leftovers(connection, run) if each.kind == "container"]


def test_engine_says_what_it_is(connection):
    info = connection.info
    assert info.kind == "docker"
    assert info.buildkit
    assert "nvidia" in info.runtimes
    assert info.platform.startswith("linux/")
    assert info.free_bytes() > 0


def test_image(connection):
    image = read_image(connection, images.CUDA)
    assert image.environment["CUDA_VERSION"] == "12.1.1"
    assert image.command == ("/bin/bash",)
    assert image.labels["io.mllint.standin"] == "1"
    layers = read_layers(connection, images.CUDA)
    assert layers[0].size_bytes > 50_000_000
    assert "CMD" in layers[-1].created_by
    for name in ("nosuch:1", "Bad Name", f"a/../{images.TINY}", f"./{images.TINY}", "../version"):
        assert not has_image(connection, name)
    with (
        pytest.raises(ImageMissing, match="nosuch:1"),
        container(connection, spec(image="nosuch:1")),
    ):
        pass


def test_container_is_bounded(connection):
    script = "grep -E 'CapEff|NoNewPrivs' /proc/self/status; ls /sys/class/net; exit 3"
    ended, output = ran(connection, "sh", "-c", f"{script}")
    words = output.stdout.decode().split()
    assert (ended.code, ended.out_of_memory) == (3, False)
    assert words == ["CapEff:", "0000000000000000", "NoNewPrivs:", "1", "lo"]
    assert not containers_of(connection)


def test_streams_and_files(connection):
    with container(connection, spec("sh", "-c", "cat /tmp/a; echo wrong >&2")) as made:
        made.put("/tmp/a", b"text\n")
        made.start()
        assert made.wait(30).code == 0
        assert made.output(100)[:2] == (b"text\n", b"wrong\n")
        assert made.get("/tmp/a", 100) == b"text\n"
        assert made.get("/bin/busybox", 4) == b"\x7fELF"
        assert made.get("/tmp", 100) is None
        assert made.get("/tmp/nothing", 100) is None


def test_volume_outlives_its_container_and_is_removed_with_the_run(connection):
    run = new_run()
    asked = ContainerSpec(
        images.TINY,
        ["sh", "-c", "cat /data/a; echo kept > /data/a"],
        labels=run.labels,
        volumes=(VolumeMount(f"mllint-{run.id}", "/data"),),
    )
    printed = []
    for _ in range(2):
        with container(connection, asked) as made:
            made.start()
            made.wait(30)
            printed.append(made.output(100).stdout)
    assert printed == [b"", b"kept\n"]
    assert [each.kind for each in leftovers(connection, run)] == ["volume"]
    assert remove_run(connection, run) == ()
    assert not tuple(leftovers(connection, run))


def test_much_output_is_cut(connection):
    line = "$(head -c 500 /dev/zero | tr '\\000' x)"
    ended, output = ran(connection, "sh", "-c", f"yes {line} | head -c 100000000; echo end")
    assert ended.code == 0
    assert output.cut
    assert len(output.stdout) == 100_000
    assert output.stdout.endswith(b"end\n")


def test_memory_kill_is_told_also_of_a_child(connection):
    ended, output = ran(
        connection, "sh", "-c", "tail /dev/zero; echo $?", memory_bytes=20 * 1024**2
    )
    assert ended.out_of_memory
    assert output.stdout == b"137\n"


def test_container_that_does_not_listen_is_removed(connection):
    begun = time.monotonic()
    with container(connection, spec("sh", "-c", "trap '' TERM; sleep 300")) as made:
        made.start()
        with pytest.raises(TimedOut, match="still runs after 1 s"):
            made.wait(1)
    assert time.monotonic() - begun < 10
    assert not containers_of(connection)


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        pytest.param({"command": ["nosuch"]}, StartFailed, "nosuch", id="no-command"),
        pytest.param({"user": "nobody-here"}, StartFailed, "unable to find user", id="no-user"),
        pytest.param({"runtime": "nosuch"}, Refused, "runtime", id="no-runtime"),
        pytest.param(
            {"gpus": Gpus(driver="cdi", device_ids=("nosuch.com/gpu=0",))},
            StartFailed,
            "could not select device driver|unresolvable CDI devices",
            id="no-cdi-device",
        ),
    ],
)
def test_container_that_cannot_start(connection, options, kind, words):
    asked = spec("true")._replace(**options)
    with pytest.raises(kind, match=words), container(connection, asked) as made:
        made.start()
    assert not containers_of(connection)


@pytest.mark.parametrize("mode", ["no-driver", "no-libnvml", "mismatch", "too-old", "crash"])
def test_runtime_that_refuses_is_a_failed_start(connection, engine, mode):
    engine.mode(mode=mode)
    asked = spec("nvidia-smi", image=images.CUDA, gpus=Gpus())
    with pytest.raises(StartFailed, match=r"hook"), container(connection, asked) as made:
        made.start()
    assert not containers_of(connection)


def test_gpu_of_the_stand_in(connection, engine):
    engine.mode(gpus=2)
    _, output = ran(connection, "nvidia-smi", "-L", image=images.CUDA, gpus=Gpus())
    assert output.stdout.count(b"not real") == 2


def test_runtime_that_hangs_costs_its_time_only(rig):
    """Such a container cannot be removed either, as long as the hook hangs: that is told."""
    daemon = rig.daemon(rig.old)
    client = daemon.client()
    images.add_tiny(client, rig.old)
    client.close()
    daemon.mode(mode="hang")
    run = new_run()
    asked = spec("true", gpus=Gpus(), environment={"NVIDIA_VISIBLE_DEVICES": "all"})
    with connected(daemon) as connection:
        begun = time.monotonic()
        hangs = pytest.raises(TimedOut, match="starting a container took longer than 2 s")
        with hangs, container(connection, asked._replace(labels=run.labels)) as made:
            made.start(2)
        (left,) = remove_run(connection, run)
        assert re.match(r"container [0-9a-f]{64}: removing a container took longer than", left)
        assert time.monotonic() - begun < 60


@pytest.mark.parametrize("entrypoint", [(), ("sh",)], ids=["none", "other"])
def test_entrypoint_that_swallows_commands_is_replaced(connection, tmp_path, entrypoint):
    run = new_run()
    text = 'FROM busybox:1.36\nENTRYPOINT ["echo", "swallowed"]\n'
    image = build(connection, wanted(tmp_path, text, run), CLASSIC, lambda _: None)
    command = ["sh", "-c", "echo real"] if not entrypoint else ["-c", "echo real"]
    asked = ContainerSpec(image.id, command, entrypoint, labels=run.labels)
    with container(connection, asked) as made:
        made.start()
        made.wait(30)
        assert made.output(100).stdout == b"real\n"
    assert remove_run(connection, run) == ()


def test_engine_that_is_killed_in_the_middle(rig):
    daemon = rig.daemon(rig.old)
    client = daemon.client()
    images.add_tiny(client, rig.old)
    client.close()
    with connected(daemon) as connection:
        threading.Timer(1.5, daemon.kill).start()
        with (
            pytest.raises(DaemonGone, match="went away while"),
            container(connection, spec("sleep", "300")) as made,
        ):
            made.start()
            made.wait(60)
    daemon.start()
    with connected(daemon) as connection:
        for each in leftovers(connection, RUN):
            each.remove(connection)
        assert not containers_of(connection)


def test_engine_without_space(rig):
    daemon = rig.daemon(rig.old, data_bytes=12_000_000)
    client = daemon.client()
    images.add_tiny(client, rig.old)
    client.close()
    fills = spec("sh", "-c", "head -c 50000000 /dev/zero > /x")
    with connected(daemon) as connection, container(connection, fills) as made:
        made.start()
        assert made.wait(30).code != 0
        with pytest.raises(DiskFull, match="no space left while copying a file"):
            made.put("/tmp/x", bytes(5_000_000))


@pytest.fixture
def socket_path(tmp_path_factory):
    return Path(tmp_path_factory.mktemp("s")) / "d.sock"


def test_no_socket(socket_path):
    with pytest.raises(EngineUnreachable, match="there is no such socket"):
        connect([Endpoint(f"unix://{socket_path}", "--host")])


def test_all_places_are_named(socket_path):
    places = [Endpoint(f"unix://{socket_path}{n}", f"place {n}") for n in (1, 2)]
    with pytest.raises(
        EngineUnreachable, match=r"no engine answers \(unix://.*1: there is .*; unix://.*2: "
    ):
        connect(places)


def test_stale_and_silent_sockets(socket_path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(socket_path))
    with pytest.raises(EngineUnreachable, match="nobody listens"):
        connect([Endpoint(f"unix://{socket_path}", "--host")])
    listener.listen()
    with pytest.raises(EngineUnreachable, match="no answer in 1 s"):
        connect([Endpoint(f"unix://{socket_path}", "--host")], timeout_s=1)
    listener.close()


def test_socket_that_is_not_ours(old_engine):
    """As another user; root may use every socket."""
    old_engine.folder.chmod(0o755)
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
    try:
        with pytest.raises(PermissionDenied, match=r"^this user may not use the engine at unix:"):
            connect([Endpoint(old_engine.url, "--host")])
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["int", "term"])
@pytest.mark.parametrize("what", ["container", "cli", "classic"])
def test_signal_leaves_nothing(engine, connection, tmp_path, what, number):
    run = new_run()
    process = subprocess.Popen(
        [sys.executable, str(HERE / "interrupted.py"), what, run.id, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **engine.cli, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        assert process.communicate(timeout=60)[0] == "left ()\n"
        assert process.returncode != 0
    assert not tuple(leftovers(connection, run))
    eventually(lambda: not connection.read("", "GET", "/containers/json"))


def eventually(holds, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_what_a_killed_run_left_is_cleaned(connection):
    dead = subprocess.Popen(["true"])
    dead.wait()
    host = new_run().id.rpartition("-")[0].rpartition("-")[0]
    over, alive = Run(f"{host}-{dead.pid}-0123456789ab"), new_run()
    for run in (over, alive):
        body = ContainerSpec(images.TINY, ["true"], labels=run.labels).body()
        connection.read("", "POST", "/containers/create", json=body)
        connection.send(
            "",
            "POST",
            f"/images/{images.TINY}/tag",
            params={"repo": "mllint-verify", "tag": run.id},
        )
        connection.send("", "POST", "/volumes/create", json={"Labels": run.labels})
    gone, left = clean(connection)
    assert (sorted(each.kind for each in gone), left) == (["container", "image", "volume"], ())
    assert not tuple(leftovers(connection, over))
    assert len(tuple(leftovers(connection, alive))) == 3
    for each in leftovers(connection, alive):
        each.remove(connection)
    assert not [each for each in leftovers(connection) if isinstance(each, Leftover)]


def test_container_that_a_user_runs_of_a_kept_image_stays(connection):
    """It has the labels of the image; one that never ran is what the classic builder leaves."""
    dead = subprocess.Popen(["true"])
    dead.wait()
    over = Run(f"{new_run().id.rpartition('-')[0].rpartition('-')[0]}-{dead.pid}-0123456789ac")
    own = ContainerSpec(images.TINY, ["sleep", "60"], labels=over.build_labels)
    with container(connection, own) as of_the_user, container(connection, own):
        of_the_user.start()
        gone, left = clean(connection)
        assert ([each.kind for each in gone], left) == (["container"], ())
        assert of_the_user.state()["Running"]


def test_errors_are_one_family():
    for kind in (DaemonGone, DiskFull, ImageMissing, PermissionDenied, StartFailed, TimedOut):
        assert issubclass(kind, EngineError)
