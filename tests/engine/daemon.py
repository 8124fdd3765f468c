"""A Docker engine of our own: private socket, data folder and bridge, gone with the test run.

No engine of the user is touched: our bridge has a name of its own, and dockerd writes no firewall
rule. (`--bridge=none` would delete the docker0 of another engine.) Containers on the bridge reach
each other only; a build that needs the network takes that of the host.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import docker

STANDIN = Path(__file__).parent / "standin"
FOLDER = "mllint-engine-"
_TRIES = 2  # after a kill the first start may find what the dead containerd left
_START_S = 30
_PR_SET_PDEATHSIG = 1
_PLENTY_BYTES = 8 * 1024**3
_DATA_BYTES = 6 * 1024**3


class Daemon:
    """One dockerd; its programs were unpacked at `root`, runc and an init at `shared`.

    data_bytes: how much its data folder may hold, 0 for plenty.
    """

    def __init__(
        self, root: Path, shared: Path, number: int, standin: bool = True, data_bytes: int = 0
    ) -> None:
        self.root = root
        self.folder = Path(tempfile.mkdtemp(prefix=FOLDER, dir="/tmp"))
        (self.folder / "owner").write_text(str(os.getpid()))
        self.socket = self.folder / "docker.sock"
        self.bridge = f"mllint{number}.{os.getpid() % 100_000}"
        self.address = f"172.31.{os.getpid() % 100 * 2 + number}.1/24"
        self.modes = self.folder / "standin.json"
        self._shared = shared
        self.data_bytes = data_bytes
        self.more: tuple[str, ...] = ()  # options of dockerd
        self._standin = standin
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def cli(self) -> dict[str, str]:
        """What to add to the environment so that `docker` is this engine's own."""
        return {
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "DOCKER_HOST": self.url,
            "DOCKER_CONFIG": str(self.folder / "cli"),
        }

    def client(self, timeout: float = 60) -> docker.APIClient:
        return docker.APIClient(self.url, version="auto", timeout=timeout)

    def mode(self, **settings: object) -> None:
        """How the stand-in for NVIDIA's runtime acts from now on; see standin/README.md."""
        self.modes.write_text(json.dumps(settings))

    def start(self) -> None:
        self._lay_programs()
        self._bridge_up()
        self._lay_data_folder()
        for attempt in range(_TRIES):
            self._spawn()
            end = time.monotonic() + _START_S
            while time.monotonic() < end and self._process and self._process.poll() is None:
                if self.answers():
                    return
                time.sleep(0.1)
            self._end_process()
            if attempt + 1 == _TRIES:
                log = (self.folder / "dockerd.log").read_text(errors="replace")
                raise RuntimeError(f"dockerd does not start: {log[-1500:]}")

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(self.socket))
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(200)
        return False

    def kill(self) -> None:
        """As a crash would."""
        self._end_process()

    def stop(self) -> None:
        """End it and all that it started, and take away what it wrote."""
        with contextlib.suppress(Exception):
            self._remove_containers()
        self._end_process()
        self._end_strays()
        subprocess.run(["ip", "link", "delete", self.bridge], capture_output=True, check=False)
        unmount_below(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _lay_data_folder(self) -> None:
        """In memory where there is plenty: to delete an image's files from a disk takes long."""
        data = self.folder / "data"
        if data.exists():
            return
        data.mkdir()
        size = self.data_bytes or (_DATA_BYTES if _free_memory_bytes() > _PLENTY_BYTES else 0)
        if size:
            options = f"mode=711,size={size}"
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(data)], check=True)

    def _lay_programs(self) -> None:
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        for name in ("sbin/dockerd", "sbin/docker-proxy", "bin/docker", "bin/containerd"):
            _link(programs / name.partition("/")[2], self.root / "usr" / name)
        _link(programs / "containerd-shim-runc-v2", self.root / "usr/bin/containerd-shim-runc-v2")
        _link(programs / "docker-init", self._shared / "usr/bin/tini-static")
        _link(programs / "runc", self._shared / "usr/sbin/runc")
        plugins = self.folder / "cli/cli-plugins"
        plugins.mkdir(parents=True, exist_ok=True)
        buildx = self.root / "usr/libexec/docker/cli-plugins/docker-buildx"
        if buildx.exists():
            _link(plugins / "docker-buildx", buildx)
        settings: dict[str, object] = {}
        if self._standin:
            runtime = str(STANDIN / "nvidia-container-runtime")
            settings["runtimes"] = {"nvidia": {"path": runtime, "runtimeArgs": []}}
            if buildx.exists():  # engines that old have no CDI
                settings["features"] = {"cdi": True}
                settings["cdi-spec-dirs"] = [str(self._cdi_folder())]
        (self.folder / "daemon.json").write_text(json.dumps(settings))

    def _cdi_folder(self) -> Path:
        folder = self.folder / "cdi"
        folder.mkdir(exist_ok=True)
        program = (STANDIN / "nvidia-smi.in").read_text()
        for name, value in (("cuda", "12.1"), ("driver", "530.30.02"), ("gpus", "1")):
            program = program.replace(f"@{name}@", value)
        (folder / "nvidia-smi").write_text(program)
        (folder / "nvidia-smi").chmod(0o755)
        text = (STANDIN / "cdi.json.in").read_text().replace("@FOLDER@", str(folder))
        (folder / "mllint-standin.json").write_text(text)
        return folder

    def _bridge_up(self) -> None:
        if Path("/sys/class/net", self.bridge).exists():
            return
        for command in (
            ["ip", "link", "add", self.bridge, "type", "bridge"],
            ["ip", "address", "add", self.address, "dev", self.bridge],
            ["ip", "link", "set", self.bridge, "up"],
        ):
            subprocess.run(command, check=True, capture_output=True)

    def _spawn(self) -> None:
        for stale in ("dockerd.pid", "exec/containerd/containerd.pid"):
            (self.folder / stale).unlink(missing_ok=True)
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        if self._standin:
            path = f"{STANDIN}:{path}"
        environment = dict(os.environ, PATH=path, MLLINT_STANDIN_CONF=str(self.modes))
        command = [
            str(self.folder / "bin/dockerd"),
            f"--host={self.url}",
            f"--data-root={self.folder}/data",
            f"--exec-root={self.folder}/exec",
            f"--pidfile={self.folder}/dockerd.pid",
            f"--config-file={self.folder}/daemon.json",
            f"--bridge={self.bridge}",
            "--iptables=false",
            "--ip-masq=false",
            "--shutdown-timeout=2",
            *self.more,
        ]
        with (self.folder / "dockerd.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def _remove_containers(self) -> None:
        with contextlib.closing(self.client(timeout=5)) as client:
            for each in client.containers(all=True):
                client.remove_container(each["Id"], force=True, v=True)

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()  # a clean end takes ten seconds, and nothing of it is kept
        process.wait()

    def _end_strays(self) -> None:
        """Shims, hooks and a containerd that outlive a killed dockerd name our folder."""
        ours = str(self.folder).encode()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                if ours in words:
                    os.kill(int(entry.name), signal.SIGKILL)


def sweep() -> None:
    """End what a killed test run left behind: engines whose owner is gone."""
    for folder in Path("/tmp").glob(f"{FOLDER}*"):
        with contextlib.suppress(OSError, ValueError):
            owner = int((folder / "owner").read_text())
            if Path(f"/proc/{owner}").exists():
                continue
            daemon = Daemon.__new__(Daemon)
            daemon.folder, daemon._process = folder, None
            daemon.socket, daemon.bridge = folder / "docker.sock", "none"
            daemon._end_strays()
            unmount_below(folder)
            shutil.rmtree(folder, ignore_errors=True)
            for link in Path("/sys/class/net").glob(f"mllint*.{owner % 100_000}"):
                subprocess.run(["ip", "link", "delete", link.name], capture_output=True)


def _free_memory_bytes() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    kib = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), "0")
    return int(kib) * 1024


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def unmount_below(folder: Path) -> None:
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for point in sorted((p for p in points if p.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "-l", point], capture_output=True, check=False)
