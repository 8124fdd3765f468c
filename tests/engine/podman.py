"""Podman's Docker-compatible socket, from unpacked packages: own storage, own configuration."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import apt
from daemon import FOLDER, end_with_parent, unmount_below

PACKAGES = (
    "podman",
    "conmon",
    "golang-github-containers-common",
    "golang-github-containers-image",
    "libassuan0",
    "libgpgme11",
    "libsubid4",
    "libyajl2",
)
_START_S = 20

# Its own defaults fail without CAP_SYS_RESOURCE, and crun on a machine with both cgroup versions.
_CONTAINERS = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
seccomp_profile = "{root}/usr/share/containers/seccomp.json"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
conmon_path = ["{root}/usr/bin/conmon"]
[engine.runtimes]
runc = ["{runc}"]
"""
_STORAGE = """
[storage]
driver = "overlay"
graphroot = "{folder}/data"
runroot = "{folder}/run"
"""
# What ends a container is started with an environment of its own: the libraries have to be where
# they belong, for Podman and its children only.
_START = """
libraries=$1; shift; place=/usr/lib/$(basename "$libraries")
mount -t overlay -o "lowerdir=$libraries:$place" overlay "$place"
exec "$@"
"""


class Podman:
    """One `podman system service`."""

    def __init__(self, root: Path, runc: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDER, dir="/tmp"))
        (self.folder / "owner").write_text(str(os.getpid()))
        self.socket = self.folder / "podman.sock"
        self._program = root / "usr/bin/podman"
        self._libraries = str(next(root.glob("usr/lib/*-linux-gnu")))
        self._service = (str(self._program), "system", "service", "-t", "0", self.url)
        home = self.folder / "home/.config/containers"
        home.mkdir(parents=True)
        policy = {"default": [{"type": "insecureAcceptAnything"}]}
        (home / "policy.json").write_text(json.dumps(policy))
        (home / "registries.conf").write_text('unqualified-search-registries = ["docker.io"]\n')
        (home / "containers.conf").write_text(_CONTAINERS.format(root=root, runc=runc))
        (home / "storage.conf").write_text(_STORAGE.format(folder=self.folder))
        self._environment = {
            **os.environ,
            "HOME": str(self.folder / "home"),
            "XDG_CONFIG_HOME": str(home.parent),
            "CONTAINERS_CONF": str(home / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(home / "storage.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(home / "registries.conf"),
            "LD_LIBRARY_PATH": self._libraries,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        (self.folder / "data").mkdir(exist_ok=True)
        options = ["-t", "tmpfs", "-o", "mode=711,size=2g", "tmpfs", str(self.folder / "data")]
        subprocess.run(["mount", *options], check=True)
        with (self.folder / "podman.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "sh", "-ec", _START, "sh", self._libraries, *self._service],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        end = time.monotonic() + _START_S
        while not self._listens():
            if time.monotonic() > end or self._process.poll() is not None:
                log_text = (self.folder / "podman.log").read_text(errors="replace")
                raise RuntimeError(f"podman does not start: {log_text[-1500:]}")
            time.sleep(0.1)

    def add_image(self, tree: Path, name: str, command: str) -> None:
        change = [f"--change=CMD {command}", "--change=LABEL io.mllint.standin=1"]
        apt.run(
            [str(self._program), "import", "--quiet", *change, str(tree), name],
            env=self._environment,
        )

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        unmount_below(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self.socket)) == 0
