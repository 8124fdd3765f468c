"""The mounts of a service in, what stands in for each in the test, out: never the user's data.

A volume is a new one; a bind mount is one with a copy of the folder, owned as that is.
"""

import contextlib
import os
import posixpath
import stat
from collections.abc import Callable
from pathlib import Path

from mllint.facts.compose.mounts import ServiceMount
from mllint.named_tuple import NamedTuple
from mllint.parse.files import Files
from mllint.verify.engines.container_spec import ContainerSpec, VolumeMount
from mllint.verify.engines.containers import container
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import StartFailed
from mllint.verify.services.copying import HostCopy, copy_of, is_of_kernel
from mllint.verify.services.volume_seen import VolumeSeen

_NOTHING = "/mllint-no-such-program"
_MOST_BYTES = 100_000_000
"""Of all mounts together, as a copy is held in memory until it is on the engine."""


class StandIn(NamedTuple):
    """What stands in for a mount: a volume, with the copy that it is filled with, or a copy alone.

    None of both: a tmpfs, or a mount that is left out.
    """

    seen: VolumeSeen
    volume: VolumeMount | None = None
    copy: HostCopy | None = None
    options: str = ""


class StandIns(NamedTuple):
    """Those of one service, in its order."""

    each: tuple[StandIn, ...] = ()

    def given(self, spec: ContainerSpec, *, parts: bool = False) -> ContainerSpec:
        """The container with them; parts: also with what is only a part of the user's folder.

        Programs that miss the rest would fail where they do not in the service.
        """
        given = [one for one in self.each if parts or one.seen.whole]
        tmpfs = {one.seen.target: one.options for one in given if one.seen.kind == "tmpfs"}
        files = [one.copy.tree for one in given if self._is_alone(one) and one.copy]
        volumes = tuple(one.volume for one in given if one.volume is not None)
        return spec._replace(volumes=volumes, tmpfs=tmpfs, files=tuple(files))

    def fill(self, engine: Engine, spec: ContainerSpec) -> None:
        """Make the volumes and copy into them what they hold; starts nothing."""
        for one in self.each:
            if one.volume is not None and one.copy is not None:
                _fill(engine, spec, one.volume, one.copy, one.volume.folder)
        for one in self.each:
            holder = self._holder(one)
            if holder is not None and one.copy is not None:
                _fill(engine, spec, holder, one.copy, "/")

    def _is_alone(self, one: StandIn) -> bool:
        return one.seen.is_file and self._holder(one) is None

    def _holder(self, one: StandIn) -> VolumeMount | None:
        """The volume that a file stands in: `./a.yaml:/app/a.yaml` beside `.:/app`."""
        if not one.seen.is_file:
            return None
        volumes = (each.volume for each in self.each if each.volume is not None)
        above = [each for each in volumes if one.seen.target.startswith(f"{each.folder}/")]
        return max(above, key=lambda each: len(each.folder), default=None)


def _fill(
    engine: Engine, spec: ContainerSpec, volume: VolumeMount, copy: HostCopy, place: str
) -> None:
    """Unpack a copy into a volume, in a container with no other: mounts may lie in each other."""
    podman = engine.info.kind == "podman"
    writable = (volume._replace(read_only=False),)
    spec = spec._replace(volumes=writable, gpus=None, entrypoint=[_NOTHING], command=[], user="0")
    with container(engine, spec) as made:
        if podman:
            # It gives a new volume to the user of the first container that is to start with it.
            with contextlib.suppress(StartFailed):
                made.start()
        # Docker leaves a folder that is unpacked into as it is, Podman looks into no other.
        made.unpack(place if podman else "/", copy.tree)


def stand_ins(
    mounts: tuple[ServiceMount, ...], files: Files, engine: Engine, name_of: Callable[[int], str]
) -> StandIns:
    """The stand-ins; name_of: the name of the volume of that number. Copies are read, not made."""
    made: list[StandIn] = []
    names: dict[str, str] = {}
    left = _MOST_BYTES
    for number, mount in enumerate(mounts):
        name = name_of(number)
        if mount.kind == "volume":
            name = names.setdefault(mount.source or name, name)
        one = _stand_in(mount, files, engine, name, left)
        left -= len(one.copy.tree) if one.copy is not None else 0
        made.append(one)
    return StandIns(tuple(made))


def _stand_in(
    mount: ServiceMount, files: Files, engine: Engine, name: str, most_bytes: int
) -> StandIn:
    target = posixpath.normpath(mount.target)  # `/a/../b`: engines do so, and /a need not be there
    mount = mount._replace(target=target)
    seen = VolumeSeen(mount.kind, mount.source, target, mount.read_only)
    if mount.kind == "tmpfs":
        return StandIn(seen, options=mount.options)
    if mount.kind == "volume":
        volume = VolumeMount(name, mount.target, mount.read_only, mount.copied)
        return StandIn(seen._replace(external=mount.external), volume)
    if mount.kind != "bind":
        return StandIn(seen._replace(skipped=f"a mount of the kind {mount.kind} is not given"))
    path = Path(mount.source)
    seen = seen._replace(source=files.show(path))
    reason = _left_out(path, files)
    if reason:
        return StandIn(seen._replace(skipped=reason))
    if not mount.made and not os.path.exists(path):  # noqa: PTH110 - raises nothing
        return StandIn(seen._replace(fault="it is not there, and create_host_path is false"))
    try:
        # Of a folder, Podman is given what stands in it.
        place = "." if engine.info.kind == "podman" and not path.is_file() else mount.target
        copy = copy_of(path, place, most_bytes)
    except OSError as error:
        return StandIn(seen._replace(skipped=f"cannot be read: {(error.strerror or '').lower()}"))
    seen = seen._replace(is_file=copy.is_file, absent=copy.absent, whole=copy.whole)
    volume = VolumeMount(name, mount.target, mount.read_only, filled=False)
    return StandIn(seen, None if copy.is_file else volume, copy)


def _left_out(path: Path, files: Files) -> str:
    """Why nothing of this machine is read for the mount; "" where it is."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # a NUL character
        mode = 0
    if stat.S_ISSOCK(mode) or path.name in ("docker.sock", "podman.sock"):
        return "a socket of this machine is never given to a test"
    if stat.S_ISFIFO(mode):
        return "a pipe of this machine is never given to a test"
    if mode and not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        return "a device of this machine is never given to a test"
    if is_of_kernel(path):
        return "what the kernel tells of this machine is never given to a test"
    return "" if files.inside(path) else "it is outside the project; --allow-outside copies it"
