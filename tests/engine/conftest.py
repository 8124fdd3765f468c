"""Real engines for the tests of this folder; brought up when the first test asks for one.

Nothing is installed and no engine of the user is touched: programs are unpacked into a cache
(MLLINT_ENGINE_CACHE, or mllint-engine in the user's cache folder), engines live below /tmp.
Where that cannot be, the tests are skipped; MLLINT_ENGINE_TESTS=required makes that a failure.
"""

import os
import shutil
import signal
import sys
import threading
from functools import cache
from pathlib import Path

import apt
import images
import pytest
from building import builder, connected
from daemon import Daemon, sweep
from podman import PACKAGES as PODMAN
from podman import Podman

OLD, NEW = "bookworm", os.environ.get("MLLINT_ENGINE_SUITE", "trixie")
OLD_PACKAGES = ("docker.io", "containerd", "runc", "tini", "busybox-static", "mmdebstrap")
# Its runc wants a newer C library than bookworm's: the older one serves.
NEW_PACKAGES = ("docker.io", "docker-cli", "docker-buildx", "containerd")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.engine)


@cache
def lacking() -> str | None:
    """Why no engine can be brought up here; None when one can."""
    if sys.platform != "linux":
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root"
    missing = [name for name in ("apt-get", "dpkg", "ip", "nsenter") if not shutil.which(name)]
    if missing:
        return f"needs {', '.join(missing)}"
    if not Path(apt.KEYRING).exists():
        return "needs Debian: its packages are unpacked"
    if not Path("/sys/fs/cgroup").is_mount() and not Path("/sys/fs/cgroup/memory").exists():
        return "needs cgroups"
    return None


def refuse(reason: str) -> None:
    """Skip, or fail where the tests are required."""
    if os.environ.get("MLLINT_ENGINE_TESTS") == "required":
        pytest.fail(f"engine tests are required, and cannot run: {reason}", pytrace=False)
    pytest.skip(f"engine tests: {reason}")


def pytest_terminal_summary(terminalreporter):
    """One line for all, whatever was asked to be shown."""
    skipped = terminalreporter.stats.get("skipped", ())
    reasons = {report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)}
    for reason in sorted(each for each in reasons if "engine tests: " in each):
        terminalreporter.write_line(reason)


class Rig:
    """What the engines are made of, and what has been brought up."""

    def __init__(self) -> None:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self.cache = Path(os.environ.get("MLLINT_ENGINE_CACHE") or home / "mllint-engine")
        self.cache.mkdir(parents=True, exist_ok=True)
        self.old = apt.unpacked(OLD, OLD_PACKAGES, self.cache)
        self.daemons: list[Daemon] = []
        self.others: list[Podman] = []
        self._failed: list[BaseException] = []
        self._tree = threading.Thread(target=self._make_tree)
        self._tree.start()

    def daemon(self, root: Path, more: tuple[str, ...] = (), **options: int) -> Daemon:
        """A started engine without images; `more` options of dockerd."""
        started = Daemon(root, self.old, len(self.daemons), **options)
        started.more = more
        self.daemons.append(started)
        started.start()
        return started

    def engine(self, root: Path) -> Daemon:
        """A started engine with the base images."""
        started = self.daemon(root)
        client = started.client()
        try:
            images.add_tiny(client, self.old)
            images.add_python(client, self.python_tree())
            images.add_cuda(client)
        finally:
            client.close()
        return started

    def python_tree(self) -> Path:
        self._tree.join()
        if self._failed:
            raise RuntimeError("the Python image was not made") from self._failed[0]
        return images.python_tree(self.old, self.cache)

    def stop(self) -> None:
        self._tree.join()
        for each in (*self.daemons, *self.others):
            each.stop()

    def _make_tree(self) -> None:
        try:
            images.python_tree(self.old, self.cache)
        except Exception as error:
            self._failed.append(error)


@pytest.fixture(scope="session")
def rig():
    reason = lacking()
    if reason is not None:
        refuse(reason)
    sweep()
    # A time limit ends the run as Ctrl-C does: engines are taken down.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        made = Rig()
    except Exception as error:
        refuse(f"bring-up failed: {error}")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def old_engine(rig):
    """Debian 12's engine, 20.10, and its CLI: BuildKit built in, no buildx."""
    return rig.engine(rig.old)


@pytest.fixture(scope="session")
def new_engine(rig):
    """The next Debian's engine with buildx and CDI."""
    return rig.engine(apt.unpacked(NEW, NEW_PACKAGES, rig.cache))


@pytest.fixture(scope="session")
def podman(rig):
    """Podman with the tiny image."""
    service = Podman(apt.unpacked(OLD, PODMAN, rig.cache), rig.old / "usr/sbin/runc")
    rig.others.append(service)
    service.start()
    tree = service.folder / "tiny.tar"
    tree.write_bytes(images.tiny_tree(rig.old))
    service.add_image(tree, f"docker.io/library/{images.TINY}", '["sh"]')
    return service


@pytest.fixture(params=["old", "new"])
def engine(request):
    """Both, one after the other."""
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture(params=["old-cli", "old-classic", "new-cli", "new-classic"])
def built_by(request, monkeypatch):
    """A connection to an engine, and one of its builders."""
    age, _, kind = request.param.partition("-")
    daemon = request.getfixturevalue(f"{age}_engine")
    for name, value in daemon.cli.items():
        monkeypatch.setenv(name, value)
    with connected(daemon) as engine:
        yield engine, builder(daemon, kind)
