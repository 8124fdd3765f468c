"""A service as written in, the same in its long form out: what merging and facts go by.

`build: .` becomes a mapping, lists of `NAME=VALUE` too; paths of builds become absolute, as they
count from the folder of the file that names them.
"""

import os
from pathlib import Path

from mllint.facts.compose.tree import Node
from mllint.parse.compose.short_forms import short_mount
from mllint.parse.source import Location, Span

_PAIRS = ("environment", "labels", "sysctls", "extra_hosts")
_LISTS = ("tmpfs", "env_file", "dns", "dns_search")
_REMOTE = ("://", "git@", "github.com/")
# Of a service's `additional_contexts`: what is no folder.
_NAMED = ("docker-image://", "service:", "target:", "oci-layout://")


def canonical_service(service: Node, folder: Path) -> Node:
    """The long form of a service of a file whose paths count from `folder`."""
    entries = dict(service.entries)
    for key in _PAIRS:
        if key in entries:
            entries[key] = pairs(entries[key])
    for key in _LISTS:
        if key in entries and entries[key].scalar is not None:
            entries[key] = entries[key]._replace(value=(entries[key]._replace(key=None),))
    if "build" in entries:
        entries["build"] = canonical_build(entries["build"], folder)
    return service._replace(value=entries)


def with_host_paths(service: Node, folder: Path) -> Node:
    """A service whose mounts are in their long form, and whose paths of this machine are absolute.

    A mount that cannot be read, such as `${DATA}:/data` where DATA is not set, stays a text.
    """
    entries = dict(service.entries)
    if "volumes" in entries:
        mounts = tuple(_mount(item, folder) for item in entries["volumes"].items)
        entries["volumes"] = entries["volumes"]._replace(value=mounts)
    if "env_file" in entries:
        named = tuple(_env_file(item, folder) for item in entries["env_file"].items)
        entries["env_file"] = entries["env_file"]._replace(value=named)
    return service._replace(value=entries)


def _mount(item: Node, folder: Path) -> Node:
    entries = dict(item.entries)
    if item.text is not None:
        short = short_mount(item.text)
        if not short.target.startswith("/") or item.text.startswith(":"):
            return item
        kind = "bind" if short.is_path else "volume"
        read_only = "true" if "ro" in short.mode.split(",") else "false"
        texts = {"type": kind, "source": short.source, "target": short.target}
        texts |= {"read_only": read_only}
        plain = item._replace(key=None)
        entries = {key: plain._replace(value=text) for key, text in texts.items() if text}
    named, source, target = entries.get("type"), entries.get("source"), entries.get("target")
    if named is not None and named.text == "bind" and source is not None and source.text:
        path = os.path.normpath(folder / Path(source.text).expanduser())
        entries["source"] = source._replace(value=path)
    if target is not None and target.text:
        entries["target"] = target._replace(value=target.text.rstrip("/") or "/")
    return item._replace(value=entries) if entries else item


def _env_file(item: Node, folder: Path) -> Node:
    path = item.at("path")
    if path is None or path.text is None:
        return (
            item if item.text is None else item._replace(value=os.path.normpath(folder / item.text))
        )
    absolute = path._replace(value=os.path.normpath(folder / path.text))
    return item._replace(value={**item.entries, "path": absolute})


def canonical_build(build: Node, folder: Path) -> Node:
    """The long form of `build`: its context and named contexts with absolute paths."""
    if build.scalar is not None:
        build = build._replace(value={"context": build._replace(key=build.key)})
    entries = dict(build.entries)
    for key in ("args", "additional_contexts", "contexts"):
        if key in entries:
            entries[key] = pairs(entries[key])
    if "context" in entries:
        entries["context"] = absolute(entries["context"], folder)
    for key in ("additional_contexts", "contexts"):
        if key in entries:
            named = {name: absolute(node, folder) for name, node in entries[key].entries.items()}
            entries[key] = entries[key]._replace(value=named)
    return build._replace(value=entries)


def absolute(node: Node, folder: Path) -> Node:
    """The path that the node holds, made absolute; an address or an image stays as it is."""
    text = node.text
    if text is None or text.startswith(_NAMED) or is_remote(text):
        return node
    return node._replace(value=os.path.normpath(folder / text))


def is_remote(text: str) -> bool:
    """Whether a build context is a repository or an archive elsewhere."""
    return any(mark in text for mark in _REMOTE)


def pairs(node: Node) -> Node:
    """A list of `NAME=VALUE` as a mapping; a name alone has no value, null."""
    if not isinstance(node.value, tuple):
        return node
    entries: dict[str, Node] = {}
    for item in node.value:
        name, equals, written = item.written.partition("=")
        if not name:
            continue
        value = item.value
        if isinstance(value, str):
            value = value.partition("=")[2]
        place = _behind(item, len(name) + 1)
        entries[name] = item._replace(
            value=value if equals else None, location=place, key=item.location, written=written
        )
    return node._replace(value=entries)


def _behind(item: Node, skipped: int) -> Location:
    """Where the text of a list's item stands after its first characters."""
    path, span = item.location
    quote = 1 if item.quoted else 0
    width = span.end_column - span.column
    if span.line != span.end_line or width != len(item.written) + 2 * quote:
        return item.location  # a block, or a text with escapes
    start = span.column + quote + skipped
    return Location(path, Span(span.line, min(start, span.end_column), span.line, span.end_column))
