"""The answers of an engine about itself in, what it is and offers out."""

import contextlib
import shutil
from collections.abc import Mapping
from typing import Any

from mllint.named_tuple import NamedTuple

_ANCIENT = (1, 24)
_CONTAINERD = "/var/lib/containerd"
_SNAPSHOTTER = "io.containerd.snapshotter.v1"


class EngineInfo(NamedTuple):
    """What an engine says of itself.

    kind: `docker` or `podman`. platform: `linux/amd64`. runtimes: the names for `--runtime`.
    cdi_devices: such as `nvidia.com/gpu=all`; () also where the engine is too old to tell.
    root_folder: where it keeps images, containerd_store: by containerd, which may have a folder of
    its own. maps_users: its users are others on the machine. buildkit: has BuildKit built in.
    """

    kind: str
    version: str
    api_version: tuple[int, ...]
    platform: str
    root_folder: str
    runtimes: tuple[str, ...]
    cdi_devices: tuple[str, ...]
    cpus: int
    memory_bytes: int
    warnings: tuple[str, ...]
    maps_users: bool = False
    containerd_store: bool = False

    @property
    def buildkit(self) -> bool:
        """Whether the engine itself can build with BuildKit: since 18.09, on Linux."""
        is_linux = self.platform.startswith("linux/")
        return self.kind == "docker" and is_linux and self.api_version >= (1, 39)

    def free_bytes(self) -> int | None:
        """What is free where it keeps images; None when that folder is not of this machine.

        Of two folders that it may keep them in, what is free in the roomier one.
        """
        try:
            free = shutil.disk_usage(self.root_folder).free if self.root_folder else None
        except OSError:
            return None
        if free is not None and self.containerd_store:
            with contextlib.suppress(OSError):
                free = max(free, shutil.disk_usage(_CONTAINERD).free)
        return free


def read_info(version: Mapping[str, Any], info: Mapping[str, Any]) -> EngineInfo:
    """What `/version` and `/info` say."""
    components = [str(each.get("Name", "")) for each in version.get("Components") or ()]
    is_podman = any("podman" in name.lower() for name in components)
    devices = info.get("DiscoveredDevices") or ()
    numbers = str(version.get("ApiVersion", "")).split(".")
    return EngineInfo(
        "podman" if is_podman else "docker",
        str(version.get("Version", "")),
        tuple(int(number) for number in numbers if number.isdigit()) or _ANCIENT,
        f"{version.get('Os', 'linux')}/{version.get('Arch', 'amd64')}",
        str(info.get("DockerRootDir") or ""),
        tuple(sorted(info.get("Runtimes") or ())),
        tuple(str(each.get("ID")) for each in devices if each.get("Source") == "cdi"),
        int(info.get("NCPU") or 0),
        int(info.get("MemTotal") or 0),
        tuple(str(warning) for warning in info.get("Warnings") or ()),
        any("rootless" in each or "userns" in each for each in _options(info)),
        any(_SNAPSHOTTER in pair for pair in info.get("DriverStatus") or ()),
    )


def _options(info: Mapping[str, Any]) -> list[str]:
    """`["name=seccomp,profile=default", "name=rootless"]`."""
    return [str(each) for each in info.get("SecurityOptions") or ()]
