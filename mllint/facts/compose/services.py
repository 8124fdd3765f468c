"""A merged compose model in, its services as facts out. Reads no file."""

from collections.abc import Iterator
from pathlib import Path

from mllint.facts.commands.variables import Value
from mllint.facts.compose.canonical import is_remote
from mllint.facts.compose.devices import faulty_requests, gpu_requests
from mllint.facts.compose.merging import scalar_target
from mllint.facts.compose.model import ImageBuild, Mount, Service, Setting, Words
from mllint.facts.compose.tree import Node
from mllint.facts.unknown import Unknown
from mllint.parse.compose.short_forms import short_mount, split_command
from mllint.parse.source import Location

# Keys of `deploy` that `docker stack deploy` reads and Compose does not.
_STACK_KEYS = frozenset(
    {"mode", "placement", "update_config", "rollback_config", "endpoint_mode", "restart_policy"}
)
_PLATFORM = ("linux/", "windows/")


def service_facts(name: str, node: Node, folder: Path, *, complete: bool) -> Service:
    """The facts of one service in its long form; folder: that of the project."""
    image, build = node.at("image"), node.at("build")
    deploy = node.at("deploy")
    return Service(
        name=name,
        location=node.place,
        complete=complete,
        image=_placed(image),
        image_chosen=image is not None and image.chosen,
        build=None if build is None else image_build(build, _scalar(node, "platform"), folder),
        command=_words(node.at("command")),
        entrypoint=_words(node.at("entrypoint")),
        environment=settings(node.at("environment")),
        env_files=node.at("env_file") is not None,
        mounts=tuple(_mounts(node)),
        gpus=tuple(gpu_requests(node)),
        faults=tuple(faulty_requests(node)),
        runtime=_placed(node.at("runtime")),
        shm_size=_placed(node.at("shm_size")),
        ipc=_scalar(node, "ipc"),
        working_dir=_scalar(node, "working_dir"),
        pull_policy=_scalar(node, "pull_policy"),
        profiles=tuple(item.text for item in node.items_at("profiles") if item.text is not None),
        stack=deploy is not None and not _STACK_KEYS.isdisjoint(deploy.entries),
    )


def image_build(node: Node, platform: Value | None, project: Path) -> ImageBuild:
    """What `build`, or a bake target, in its long form says; paths are absolute already.

    project: the folder that is the context where none is named.
    """
    context = node.at("context")
    folder: Path | Unknown
    if context is None or (context.value is None and context.tag is None):
        folder = project
    elif context.text is None:
        folder = Unknown("the build context is not known")
    elif is_remote(context.text):
        folder = Unknown(f"the build context {context.text} is elsewhere")
    else:
        folder = Path(context.text)
    inline = node.at("dockerfile_inline")
    shm_size = node.at("shm_size")
    platforms = node.items_at("platforms")
    if platform is None and len(platforms) == 1:
        platform = platforms[0].scalar
    known = isinstance(platform, str) and platform.startswith(_PLATFORM)
    return ImageBuild(
        context=folder,
        dockerfile=None if inline is not None else _dockerfile(node.at("dockerfile"), folder),
        inline=None if inline is None else (inline.location, inline.written),
        target=_scalar(node, "target") or None,
        platform=platform if known and isinstance(platform, str) else None,
        args=settings(node.at("args")),
        contexts=tuple(_contexts(node)),
        shm_size=None if shm_size is None else shm_size.place,
    )


def _dockerfile(node: Node | None, folder: Path | Unknown) -> Path | None:
    name = "Dockerfile" if node is None else node.text
    return None if name is None or isinstance(folder, Unknown) else folder / name


def _contexts(node: Node) -> Iterator[tuple[str, Value]]:
    for key in ("additional_contexts", "contexts"):
        named = node.at(key)
        for name, item in (named.entries if named is not None else {}).items():
            yield name, item.scalar or Unknown(f"the context {name} is not known")


def settings(node: Node | None) -> tuple[Setting, ...]:
    """The variables of `environment` or `args` in its long form."""
    entries = {} if node is None else node.entries
    return tuple(
        Setting(name, item.scalar, item.place, item.location, item.chosen)
        for name, item in entries.items()
    )


def _scalar(node: Node, key: str) -> Value | None:
    found = node.at(key)
    return None if found is None else found.scalar


def _placed(node: Node | None) -> tuple[Value, Location] | None:
    if node is None or node.scalar is None:
        return None
    return node.scalar, node.location


def _words(node: Node | None) -> Words | None:
    """The words of a command, as a list or a string; None when there is none or it is empty."""
    if node is None or node.value is None:
        return None
    if isinstance(node.value, tuple):
        parts = [item.scalar for item in node.value if item.scalar is not None]
        known = tuple(part for part in parts if isinstance(part, str))
        words = known if len(known) == len(parts) else Unknown("a word is set where Compose runs")
        places = tuple(item.location for item in node.value if item.scalar is not None)
        return Words(words, node.place, places, any(item.chosen for item in node.value))
    if node.text is None:
        return Words(Unknown("it is set where Compose runs"), node.place, ())
    split = split_command(node.text)
    words = Unknown("its quotes do not close") if split is None else split
    return Words(words, node.place, (node.location,) * len(split or ()), node.chosen)


def _mounts(node: Node) -> Iterator[Mount]:
    target: Value
    for item in node.items_at("volumes"):
        if item.scalar is not None:
            kind = "bind" if short_mount(item.text or item.written).is_path else "volume"
            target = scalar_target(item) or Unknown("it is set where Compose runs")
            yield Mount(kind, target, item.location)
        else:
            named = item.at("type")
            target = _scalar(item, "target") or Unknown("it has no target")
            kind = (named.text if named is not None else None) or "volume"
            yield Mount(kind, target, item.location)
    for item in node.items_at("tmpfs"):
        if item.scalar is not None:
            text = item.text
            folder = text.partition(":")[0] if text is not None else item.scalar
            yield Mount("tmpfs", folder, item.location)
    if node.at("volumes_from") is not None:
        yield Mount("volume", Unknown("volumes of another service"), node.location)
