"""The mounts of a service as its containers found them in, a check for each out. Pure."""

import shlex
from collections.abc import Iterator
from pathlib import PurePath

from mllint.facts.compose.container import ServiceContainer
from mllint.verify.services.volume_seen import VolumeSeen
from mllint.verify.smoke.checks import Check, failed, not_measured, passed, skipped

_OF_THE_SYSTEM = frozenset(
    "bin boot dev etc home lib lib32 lib64 proc root run sbin sys usr var".split()
)
"""Folders of / whose owners and modes the machine itself needs."""


def volume_checks(volumes: tuple[VolumeSeen, ...], of: ServiceContainer) -> Iterator[Check]:
    """Whether the user of the service may do there what the service needs."""
    return (_check(seen, of) for seen in volumes)


def _check(seen: VolumeSeen, of: ServiceContainer) -> Check:
    name, where = f"volume {seen.target}", _where(seen)
    if seen.skipped:
        return skipped(name, f"{where}: {seen.skipped}")
    if seen.fault:
        help = f"mkdir -p {shlex.quote(seen.source)}"
        return failed(name, f"Compose does not start it: {where}: {seen.fault}", help=help)
    if seen.unseen:
        return not_measured(name, seen.unseen)
    who = f"user {seen.user}"
    if seen.read_only or seen.is_file:
        return _read(name, where, who, seen, of)
    if not seen.written:
        return _refused(name, f"{who} may not write: {where}", seen, of)
    if seen.kind == "tmpfs":
        return passed(name, f"{who} writes; {where} is empty after each start")
    if not seen.kept:
        return failed(name, f"what {who} writes is not there in the next container: {where}")
    return passed(name, f"{who} writes, and the next container reads it: {where}")


def _where(seen: VolumeSeen) -> str:
    """`a copy of ./data`, `the volume cache`."""
    if seen.kind == "bind" and seen.skipped:
        return seen.source
    if seen.kind == "bind":
        return f"in place of {seen.source}, which is not there" if seen.absent else _copy(seen)
    if seen.kind == "tmpfs":
        return "a tmpfs"
    return f"the volume {seen.source}" if seen.source else "a volume without a name"


def _copy(seen: VolumeSeen) -> str:
    return f"a copy of {seen.source}" if seen.whole else f"a copy of a part of {seen.source}"


def _read(name: str, where: str, who: str, seen: VolumeSeen, of: ServiceContainer) -> Check:
    """A mount that is not written into: read-only, or a file, which is no volume of its own."""
    if seen.readable:
        may = "reads it" if seen.read_only or seen.written else "reads it, and may not write"
        return passed(name, f"{who} {may}: {where}")
    detail = f"{who} may not read it: {where}{_owned(seen)}"
    if seen.doubt:
        return not_measured(name, f"{detail}: {seen.doubt}")
    cure = _as_owner(seen, of) or f"chmod a+rX {shlex.quote(seen.source)}"
    return failed(name, detail, help=cure)


def _refused(name: str, told: str, seen: VolumeSeen, of: ServiceContainer) -> Check:
    refusal = "" if seen.refusal in ("", "Permission denied") else f": {seen.refusal}"
    detail = f"{told}{_owned(seen)}{refusal}"
    if seen.doubt:
        return not_measured(name, f"{detail}: {seen.doubt}")
    return failed(name, detail, help=_cure(seen, of))


def _owned(seen: VolumeSeen) -> str:
    return f", owner {seen.owner}, mode {seen.mode}" if seen.owner else ""


def _cure(seen: VolumeSeen, of: ServiceContainer) -> str:
    others = _as_owner(seen, of)
    if others:
        return f"{others}; or mount it read-only, with :ro"
    if seen.kind == "bind":
        source = shlex.quote(seen.source)
        made = f"mkdir -p {source} && " if seen.absent else ""
        return f"{made}sudo chown -R {seen.user} {source}; or mount it read-only, with :ro"
    if seen.kind == "tmpfs":
        return f"tmpfs: {seen.target}:mode=1777"
    if not of.builds:
        return f'in the service {of.name}: user: "{seen.owner or "0:0"}"'
    return (
        f"in the Dockerfile, before USER: RUN mkdir -p {seen.target} && chown {seen.user}"
        f" {seen.target}; a volume that is there already keeps its owner"
    )


def _as_owner(seen: VolumeSeen, of: ServiceContainer) -> str:
    """What to do about a folder outside the project that is to stay its owner's; "" of others.

    `chown -R` of /etc, or of the user's ~/.ssh, would break the machine.
    """
    path = PurePath(seen.source)
    if seen.kind != "bind" or seen.absent or not path.is_absolute():
        return ""
    if seen.owner and not seen.owner.startswith("0:"):
        return f'in the service {of.name}: user: "{seen.owner}"'
    ours = len(path.parts) > 1 and path.parts[1] not in _OF_THE_SYSTEM
    return "" if ours else "mount a folder of its own instead of one of the system"
