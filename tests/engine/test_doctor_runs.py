"""`mllint doctor` on real engines: what it says of each, and that no stand-in passes for a GPU."""

import io
import os
import tarfile
from contextlib import closing, contextmanager

import images
import pytest
from building import connected
from doctoring import doctor

from mllint.verify import examining
from mllint.verify.engines import machine
from mllint.verify.engines.image_info import remove_image

GPU = "nvidia-smi in a container"


def test_engine_that_is_ready(engine, old_engine):
    told = doctor(engine)
    assert told["engine"].startswith("pass: Docker ")
    assert told["engine"].endswith(f", linux/amd64, at {engine.url}")
    assert f"free below {engine.folder}/data" in told["disk"]
    assert told["docker command"].startswith(f"pass: {engine.folder}/bin/docker, ")
    kind = "built into this docker command" if engine is old_engine else "docker buildx is there"
    assert told["BuildKit"].startswith(f"pass: {kind}")
    assert told["a container"] == "pass: of busybox:1.36 runs"
    assert told[GPU].startswith("not measured: what answers is no GPU: GPU 0: STAND-IN-GPU")


def test_image_of_another_run_is_not_tried(old_engine):
    """It may be gone before the container starts, or when the user types what is told."""
    name = "mllint-verify:another"
    with connected(old_engine) as connection:
        there = {"repo": "mllint-verify", "tag": "another"}
        connection.send("", "POST", f"/images/{images.CUDA}/tag", params=there)
        try:
            tried = list(examining._images(connection))
        finally:
            remove_image(connection, name)
    assert images.CUDA in tried
    assert name not in tried


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("no-driver", "fail: the machine has no working NVIDIA driver: "),
        ("no-libnvml", "fail: the machine has no working NVIDIA driver: "),
        ("mismatch", "fail: the driver and its library are of two versions: "),
        ("crash", "fail: the NVIDIA runtime failed: "),
        # What an image wants of the driver says nothing of the machine.
        ("too-old", "not measured: what answers is no GPU: "),
    ],
)
def test_runtime_that_fails(engine, mode, said):
    engine.mode(mode=mode)
    try:
        code = 6 if said.startswith("fail") else 0
        told = doctor(engine, code=code)
    finally:
        engine.mode(mode="ok")
    assert told[GPU].startswith(said)
    assert told["a container"].startswith("pass: ")


def test_runtime_that_hangs(old_engine, monkeypatch):
    """One such container is enough."""
    monkeypatch.setattr(examining, "_RUN_TIMEOUT_S", 2.0)
    old_engine.mode(mode="hang", seconds=4)
    try:
        told = doctor(old_engine, code=6)
    finally:
        old_engine.mode(mode="ok")
    assert told[GPU].startswith("fail: the NVIDIA runtime failed: starting a container took longer")


def test_podman(podman, monkeypatch):
    """It takes a request for GPUs, and gives none: that is not tried."""
    told = doctor(podman, "--host", podman.url)
    assert told["engine"].startswith("pass: Podman ")
    assert told["a container"] == "pass: of docker.io/library/busybox:1.36 runs"
    assert GPU not in told
    monkeypatch.setattr(machine, "_driver", lambda _: "550.54.14")
    monkeypatch.setattr(machine, "_gpus", lambda _: 1)
    monkeypatch.setattr(machine, "_smi", lambda _: ("GPU 0: NVIDIA L4", True))
    told = doctor(podman, "--host", podman.url, code=6)
    assert told[GPU].startswith("not measured: Podman gives its containers no GPU")
    assert told["container toolkit"].startswith("fail: no file in /etc/cdi")


def test_no_engine(tmp_path):
    told = doctor(None, "--host", f"unix://{tmp_path}/none.sock", code=6)
    assert told["engine"].endswith("there is no such socket")
    assert "a container" not in told


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_socket_without_permission(old_engine, tmp_path):
    # What is imported only now the other user need not be able to read.
    doctor(None, "--host", f"unix://{tmp_path}/none.sock", code=6)
    with another_user():
        told = doctor(None, "--host", old_engine.url, code=6)
    assert told["engine"].startswith("fail: this user may not use the engine at unix:")


@contextmanager
def another_user():
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


class TestImagesThatAreThere:
    """Images that cannot run a shell are smaller than those that can: they come first."""

    @pytest.fixture
    def bare(self, rig):
        """An engine with images without a shell."""
        daemon = rig.daemon(rig.old, standin=False)
        with closing(daemon.client()) as client:
            for name, data in (("empty:1", b""), ("broken:1", None)):
                images._import(client, shellless(data), name, ['CMD ["/exec"]'])
        return daemon

    def test_what_no_shell_is_in_is_no_fault_of_the_engine(self, bare, rig):
        told = doctor(bare)
        assert told["a container"] == "not measured: no image with a shell is there to try one of"
        with closing(bare.client()) as client:
            images.add_tiny(client, rig.old)
        assert doctor(bare)["a container"] == "pass: of busybox:1.36 runs"

    def test_engine_that_runs_nothing(self, bare, rig):
        """The word `exec` in its message is no sign that the image is at fault."""
        with closing(bare.client()) as client:
            images.add_tiny(client, rig.old)
        runc = bare.folder / "bin/runc"
        runc.unlink()
        runc.write_text("#!/bin/sh\necho 'exec: runc: no such file or directory' >&2; exit 1\n")
        runc.chmod(0o755)
        told = doctor(bare, code=6)
        assert told["a container"].startswith("fail: of busybox:1.36 does not run: ")
        with connected(bare) as engine:
            remove_image(engine, images.TINY)
        assert doctor(bare)["a container"].startswith("not measured: ")


def shellless(data: bytes | None) -> bytes:
    """A tar with a file, and where there are no data, with a /bin/sh that leads nowhere."""
    tree = io.BytesIO()
    with tarfile.open(fileobj=tree, mode="w") as archive:
        entry = tarfile.TarInfo("exec")
        archive.addfile(entry)
        if data is None:
            link = tarfile.TarInfo("bin/sh")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    return tree.getvalue()
