"""Two compose models in, the second merged over the first out, as Docker Compose does it.

https://docs.docker.com/reference/compose-file/merge/
"""

from mllint.facts.compose.tree import Node
from mllint.parse.compose.short_forms import short_mount, written_mount

_REPLACED = frozenset({"command", "entrypoint", "test"})
_BY_TARGET = frozenset({"volumes", "secrets", "configs"})


def merge(base: Node, over: Node, name: str = "") -> Node:
    """`base` with what `over` sets; `name` is the key that holds both.

    Mappings are merged key by key, lists are put together, all else is replaced. What was there
    first keeps its place. `!reset` takes a value away, `!override` replaces it as a whole.
    """
    if over.tag == "!override":
        return over
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        return base._replace(value=_merged_entries(base.value, over.value))
    if isinstance(base.value, tuple) and isinstance(over.value, tuple):
        if name in _REPLACED:
            return over
        if name in _BY_TARGET:
            return over._replace(value=_by_target(base.value, over.value))
        return over._replace(value=_united(base.value, over.value))
    return base if over.value is None else over


def without_resets(node: Node) -> Node:
    """A merged model without what is reset and was not there to be reset."""
    if not isinstance(node.value, dict):
        return node
    kept = {key: item for key, item in node.value.items() if item.tag != "!reset"}
    return node._replace(value={key: without_resets(item) for key, item in kept.items()})


def _merged_entries(base: dict[str, Node], over: dict[str, Node]) -> dict[str, Node]:
    merged = dict(base)
    for key, node in over.items():
        if node.tag == "!reset":
            merged.pop(key, None)
        elif key in merged:
            merged[key] = merge(merged[key], node, key)
        else:
            merged[key] = node
    return merged


def _united(base: tuple[Node, ...], over: tuple[Node, ...]) -> tuple[Node, ...]:
    """Both lists, a scalar that stands in both once."""
    there = {item.text for item in base if item.text is not None}
    return (*base, *(item for item in over if item.text is None or item.text not in there))


def _by_target(base: tuple[Node, ...], over: tuple[Node, ...]) -> tuple[Node, ...]:
    """Both lists; of two entries with one target the later counts."""
    merged: dict[str | int, Node] = {}
    for number, item in enumerate((*base, *over)):
        key = mount_target(item)
        merged[number if key is None else key] = item
    return tuple(merged.values())


def mount_target(item: Node) -> str | None:
    """The target of a volume, secret or config of a service; None when it cannot be told."""
    if item.scalar is not None:
        return scalar_target(item)
    target = item.at("target") or item.at("source")
    return target.text if target is not None else None


def scalar_target(item: Node) -> str | None:
    """The target of a volume in its short form, whose source may be a variable."""
    text = item.text
    short = short_mount(text) if text is not None else written_mount(item.written)
    return None if "$" in short.target else short.target.rstrip("/") or "/"
