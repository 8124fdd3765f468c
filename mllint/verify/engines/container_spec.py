"""What a container is to be in, the body of the request that makes it out.

Limits are the default: no network, no privileges, bounded memory, processes and output.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mllint.named_tuple import NamedTuple

_LOG_BYTES = 2_000_000
_LOG_FILES = 2
_PIDS = 4096  # threads count, and numpy starts one for each of a host's 256 processors
_MEMORY_BYTES = 4 * 1024**3


class Gpus(NamedTuple):
    """The GPUs that a container is to get; what neither number nor ids name is all of them.

    driver: "" for the engine's own choice, `cdi` for device_ids such as `nvidia.com/gpu=all`.
    """

    device_ids: tuple[str, ...] = ()
    number: int | None = None
    driver: str = ""
    capabilities: tuple[str, ...] = ("gpu", "compute", "utility")

    def request(self) -> dict[str, object]:
        """As the engine's API takes it."""
        if self.driver == "cdi":
            return {"Driver": "cdi", "DeviceIDs": list(self.device_ids)}
        chosen: dict[str, object] = {"Driver": self.driver, "Capabilities": [[*self.capabilities]]}
        if self.device_ids:
            return chosen | {"DeviceIDs": list(self.device_ids)}
        return chosen | {"Count": -1 if self.number is None else self.number}


class VolumeMount(NamedTuple):
    """A named volume at a folder of a container; one that is not there is made.

    filled: where it is empty, it gets what the image has at that folder.
    """

    name: str
    folder: str
    read_only: bool = False
    filled: bool = True


class ContainerSpec(NamedTuple):
    """What is run, and in which bounds; None leaves to the image what the image says.

    entrypoint: () for none at all.
    volumes: those that are made are labelled like the container. network: `none`, `bridge`,
    `host`. memory_bytes, pids, cpus: 0 for no bound. capabilities: those that are left to root.
    log_bytes: what the engine keeps of its output. tmpfs: folder -> options, "" for the usual.
    files: tars that are unpacked in it before it starts. groups: further ones of the user.
    """

    image: str
    command: Sequence[str] | None = None
    entrypoint: Sequence[str] | None = None
    user: str | None = None
    workdir: str | None = None
    environment: Mapping[str, str] = MappingProxyType({})
    labels: Mapping[str, str] = MappingProxyType({})
    network: str = "none"
    memory_bytes: int = _MEMORY_BYTES
    shm_bytes: int | None = None
    pids: int = _PIDS
    cpus: float = 0
    gpus: Gpus | None = None
    runtime: str | None = None
    volumes: tuple[VolumeMount, ...] = ()
    platform: str | None = None
    init: bool = False
    log_bytes: int = _LOG_BYTES
    capabilities: tuple[str, ...] = ()
    tmpfs: Mapping[str, str] = MappingProxyType({})
    files: tuple[bytes, ...] = ()
    groups: tuple[str, ...] = ()
    stop_signal: str | None = None

    def body(self) -> dict[str, Any]:
        """As the engine's API takes it."""
        host: dict[str, Any] = {
            "NetworkMode": self.network,
            "Memory": self.memory_bytes,
            "MemorySwap": self.memory_bytes,
            "PidsLimit": self.pids or None,
            "NanoCpus": int(self.cpus * 1e9),
            "CapDrop": ["ALL"],
            "CapAdd": list(self.capabilities),
            "SecurityOpt": ["no-new-privileges"],
            "Init": self.init,
            "LogConfig": {
                "Type": "json-file",
                "Config": {
                    "max-size": str(self.log_bytes // _LOG_FILES),
                    "max-file": str(_LOG_FILES),
                },
            },
            "Mounts": [self._mount(volume) for volume in self.volumes],
        }
        if self.tmpfs:
            host["Tmpfs"] = dict(self.tmpfs)
        if self.groups:
            host["GroupAdd"] = list(self.groups)
        if self.shm_bytes is not None:
            host["ShmSize"] = self.shm_bytes
        if self.gpus is not None:
            host["DeviceRequests"] = [self.gpus.request()]
        if self.runtime is not None:
            host["Runtime"] = self.runtime
        body: dict[str, Any] = {
            "Image": self.image,
            "Env": [f"{name}={value}" for name, value in self.environment.items()],
            "Labels": dict(self.labels),
            "HostConfig": host,
            "Healthcheck": {"Test": ["NONE"]},
        }
        if self.command is not None:
            body["Cmd"] = list(self.command)
        if self.entrypoint is not None:
            body["Entrypoint"] = list(self.entrypoint) or [""]  # Podman takes [] for none given
        if self.user is not None:
            body["User"] = self.user
        if self.workdir is not None:
            body["WorkingDir"] = self.workdir
        if self.stop_signal is not None:
            body["StopSignal"] = self.stop_signal
        return body

    def _mount(self, volume: VolumeMount) -> dict[str, Any]:
        return {
            "Type": "volume",
            "Source": volume.name,
            "Target": volume.folder,
            "ReadOnly": volume.read_only,
            "VolumeOptions": {"Labels": dict(self.labels), "NoCopy": not volume.filled},
        }
