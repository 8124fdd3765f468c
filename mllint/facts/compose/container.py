"""A service of a merged model in, how Compose runs its container out, with every value known.

For a model that was read with the variables of the shell. https://docs.docker.com/reference/
compose-file/services/
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from mllint.errors import InputError
from mllint.facts.compose.interpolation import read_env
from mllint.facts.compose.known import known_text, written, wrong
from mllint.facts.compose.model import Compose, GpuWay, Service
from mllint.facts.compose.mounts import ServiceMount, service_mounts
from mllint.facts.compose.tree import Node
from mllint.named_tuple import NamedTuple
from mllint.parse.compose.short_forms import parse_duration, parse_size, split_command
from mllint.parse.files import Files

_HARMLESS_NETWORKS = (None, "none", "bridge", "default")
_OWN_NAMESPACES = (None, "", "private", "shareable")
_REFUSED = (
    *("cap_add", "device_cgroup_rules", "pid", "uts", "userns_mode", "cgroup_parent"),
    *("security_opt", "volumes_from", "sysctls", "ulimits", "secrets", "configs"),
)


class GpuWish(NamedTuple):
    """The GPUs that a service asks for; all of them where neither ids nor a number are given."""

    ids: tuple[str, ...] = ()
    number: int | None = None


class ServiceContainer(NamedTuple):
    """How a service is run; None where it leaves that to the image or to the engine.

    builds: it builds its image. environment: with that of its files. gpus: NVIDIA's. groups:
    further ones of the user. dropped, added: capabilities. refused: keys that a container without
    privileges cannot have. needs: the services that it starts after.
    """

    name: str
    builds: bool
    user: str | None
    working_dir: str | None
    environment: Mapping[str, str]
    entrypoint: tuple[str, ...] | None
    command: tuple[str, ...] | None
    shm_bytes: int | None
    memory_bytes: int | None
    init: bool
    stop_signal: str | None
    stop_grace_s: float | None
    groups: tuple[str, ...]
    dropped: tuple[str, ...]
    added: tuple[str, ...]
    gpus: GpuWish | None
    mounts: tuple[ServiceMount, ...]
    refused: tuple[str, ...]
    needs: tuple[str, ...]


def service_container(
    service: Service, compose: Compose, files: Files, environ: Mapping[str, str]
) -> ServiceContainer:
    """How the service is run; raises InputError for a value that is not known or is none."""
    node = compose.tree.at("services", service.name)
    assert node is not None
    environment = dict(_environment(node, files, environ))
    init = _text(node, "init")
    grace = _text(node, "stop_grace_period")
    return ServiceContainer(
        service.name,
        service.build is not None,
        _text(node, "user") or None,
        _text(node, "working_dir") or None,
        environment,
        _words(node, "entrypoint"),
        _words(node, "command"),
        _size(node, "shm_size"),
        _size(node, "mem_limit") or _size(node, "deploy", "resources", "limits", "memory"),
        init is not None and init.lower() == "true",
        _text(node, "stop_signal") or None,
        parse_duration(grace) if grace else None,
        tuple(known_text(item, "group_add") for item in node.items_at("group_add")),
        tuple(known_text(item, "cap_drop") for item in node.items_at("cap_drop")),
        tuple(known_text(item, "cap_add") for item in node.items_at("cap_add")),
        _gpus(service, environment),
        tuple(service_mounts(node, compose.tree)),
        tuple(_refused(node, service)),
        tuple(_needs(node)),
    )


def _text(node: Node, *path: str) -> str | None:
    found = node.at(*path)
    return None if found is None or found.value is None else known_text(found, ".".join(path))


def _size(node: Node, *path: str) -> int | None:
    found, text = node.at(*path), _text(node, *path)
    if found is None or text is None:
        return None
    size = parse_size(text)
    if size is None:
        raise wrong(found, f"{'.'.join(path)} takes a size such as 2g: {written(found, text)}")
    return size or None  # 0 is the engine's own


def _words(node: Node, key: str) -> tuple[str, ...] | None:
    """Those of a list or a text; () where the service takes away what the image says."""
    found = node.at(key)
    if found is None or found.value is None:
        return None
    if found.scalar is None:
        return tuple(known_text(item, key) for item in found.items)
    words = split_command(known_text(found, key))
    if words is None:
        raise wrong(found, f"{key}: its quotes do not close")
    return words


def _environment(node: Node, files: Files, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Those of the files, then its own; one without a value is that of the shell, where set."""
    for item in node.items_at("env_file"):
        yield from _of_file(item, files, environ)
    own = node.at("environment")
    for name, item in (own.entries if own is not None else {}).items():
        if item.value is not None:
            yield name, known_text(item, f"environment.{name}")
        elif name in environ:
            yield name, environ[name]


def _of_file(item: Node, files: Files, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    required = item.at("required")
    path = Path(known_text(item.at("path") or item, "env_file"))
    if required is not None and required.text == "false" and not files.is_file(path):
        return
    try:
        text = files.read(path).text
    except InputError as error:
        raise wrong(item, f"env_file: {error.path} {error.message}") from None
    yield from read_env(text, environ).items()


def _gpus(service: Service, environment: Mapping[str, str]) -> GpuWish | None:
    """What the requests for GPUs of NVIDIA's come to; None where there is none."""
    asked = [request for request in service.gpus if request.nvidia]
    if not asked:
        return None
    ids = tuple(dict.fromkeys(each for request in asked for each in request.ids))
    visible = environment.get("NVIDIA_VISIBLE_DEVICES", "")
    if all(request.way is GpuWay.RUNTIME for request in asked):
        if visible in ("none", "void"):
            return None
        ids = tuple(visible.split(",")) if visible not in ("", "all") else ()
    number = next((request.number for request in asked if request.number is not None), None)
    return GpuWish(ids, None if ids else number)


def _refused(node: Node, service: Service) -> Iterator[str]:
    """The keys, as they are written, of what would give the container more than it may have."""
    if (_text(node, "privileged") or "").lower() == "true":
        yield "privileged: true"
    if (_text(node, "read_only") or "").lower() == "true":
        yield "read_only: true"
    network, ipc = _text(node, "network_mode"), _text(node, "ipc")
    if network not in _HARMLESS_NETWORKS:
        yield f"network_mode: {network}"
    if ipc not in _OWN_NAMESPACES:
        yield f"ipc: {ipc}"
    nvidia = {r.location for r in service.gpus if r.way is GpuWay.DEVICE and r.nvidia}
    if any(item.location not in nvidia for item in node.items_at("devices")):
        yield "devices"
    for key in _REFUSED:
        found = node.at(key)
        if found is not None and found.value:
            yield key


def _needs(node: Node) -> Iterator[str]:
    """`depends_on` as a list, or as a mapping."""
    found = node.at("depends_on")
    if found is not None:
        yield from found.entries or (item.text for item in found.items if item.text is not None)
