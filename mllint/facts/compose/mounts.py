"""A service of a model that was read with host paths in, its mounts with source and mode, out."""

from collections.abc import Iterator

from mllint.facts.compose.known import known_text, written, wrong
from mllint.facts.compose.tree import Node
from mllint.named_tuple import NamedTuple
from mllint.parse.compose.short_forms import parse_size
from mllint.parse.source import Location


class ServiceMount(NamedTuple):
    """What stands at a path of the container; kind: `volume`, `bind`, `tmpfs`, or another.

    source: the path of a bind mount, absolute; the name of a volume, "" for one without a name.
    external: a volume that others fill. made: whether Compose makes a source that is not there.
    copied: whether a new volume gets what the image has there. options: of a tmpfs, as `docker
    run --tmpfs` takes them.
    """

    kind: str
    source: str
    target: str
    read_only: bool
    location: Location
    external: bool = False
    made: bool = True
    copied: bool = True
    options: str = ""


def service_mounts(node: Node, tree: Node) -> Iterator[ServiceMount]:
    """The mounts; raises InputError for one whose path is not known."""
    for item in node.items_at("volumes"):
        yield _mount(item, tree)
    for item in node.items_at("tmpfs"):
        folder, _, options = known_text(item, "tmpfs").partition(":")
        yield ServiceMount("tmpfs", "", folder, False, item.location, options=options)


def _mount(item: Node, tree: Node) -> ServiceMount:
    target = item.at("target")
    if item.scalar is not None or target is None:
        text = known_text(item, "volumes") if item.scalar is not None else "no target"
        shown = written(item, text)
        raise wrong(item, f"volumes: this is no mount of a Linux container: {shown}")
    kind, source = _of(item, "type") or "volume", _of(item, "source")
    made, nocopy = item.at("bind", "create_host_path"), item.at("volume", "nocopy")
    return ServiceMount(
        kind,
        source,
        known_text(target, "volumes.target"),
        _of(item, "read_only").lower() == "true",
        item.location,
        kind == "volume" and _is_external(tree.at("volumes", source)),
        made is None or made.text != "false",
        nocopy is None or nocopy.text != "true",
        _tmpfs_options(item),
    )


def _is_external(volume: Node | None) -> bool:
    """`external: true`, or a folder of the machine or a server: `driver_opts: {device: …}`."""
    external = volume.at("external") if volume is not None else None
    if external is not None and external.text != "false":
        return True
    return volume is not None and volume.at("driver_opts", "device") is not None


def _tmpfs_options(item: Node) -> str:
    """`size=1073741824,mode=700` of a tmpfs in its long form."""
    size, mode = item.at("tmpfs", "size"), item.at("tmpfs", "mode")
    options = []
    if size is not None:
        told = known_text(size, "volumes.tmpfs.size")
        options.append(f"size={parse_size(told) or told}")  # `64mb` is no size of the kernel's
    if mode is not None:
        options.append(f"mode={_octal(known_text(mode, 'volumes.tmpfs.mode'), mode)}")
    return ",".join(options)


def _octal(told: str, node: Node) -> str:
    """`700` of 0o700, of 0700, of "700" and of 448, as Compose reads a mode."""
    digits = told.lower().removeprefix("0o")
    number = not node.quoted and not node.chosen and digits == told and not told.startswith("0")
    return format(int(told), "o") if number and told.isdecimal() else digits


def _of(item: Node, key: str) -> str:
    found = item.at(key)
    return "" if found is None else known_text(found, f"volumes.{key}")
