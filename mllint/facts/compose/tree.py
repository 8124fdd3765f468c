"""A YAML document of one file in, the same with values interpolated and places out.

Nodes of several files can then stand in one tree. Knows no key of a compose file.
"""

from collections.abc import Callable, Iterator

from mllint.facts.commands.variables import Value
from mllint.facts.compose.interpolation import interpolate
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.parse.yaml_text import Yaml


class Node(NamedTuple):
    """A scalar (text, Unknown, or None for null), a list or a mapping.

    location: where the value stands; key: where its key stands, for the values of a mapping.
    written: the text of a scalar before interpolation. chosen: a variable takes part in it.
    quoted: a scalar in quotes or a block. tag: `!reset` or `!override`.
    """

    value: "Value | tuple[Node, ...] | dict[str, Node] | None"
    location: Location
    key: Location | None = None
    written: str = ""
    chosen: bool = False
    quoted: bool = False
    tag: str | None = None

    @property
    def scalar(self) -> Value | None:
        """The value of a scalar; None for null, a list and a mapping."""
        return self.value if isinstance(self.value, str | Unknown) else None

    @property
    def text(self) -> str | None:
        """The text of a scalar that is known."""
        return self.value if isinstance(self.value, str) else None

    @property
    def items(self) -> "tuple[Node, ...]":
        """What a list holds; () for everything else."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def entries(self) -> "dict[str, Node]":
        """What a mapping holds; {} for everything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def place(self) -> Location:
        """Where a person would look for it: its key, else itself."""
        return self.key or self.location

    def at(self, *path: str) -> "Node | None":
        """What stands below the keys of `path`; None when one of them is not there."""
        node: Node | None = self
        for key in path:
            node = node.entries.get(key) if node is not None else None
        return node

    def items_at(self, *path: str) -> "tuple[Node, ...]":
        """What the list below the keys of `path` holds; () when there is none."""
        node = self.at(*path)
        return () if node is None else node.items

    def scalars(self) -> "Iterator[Node]":
        """The scalars of a list, or the one that stands in its place."""
        if isinstance(self.value, tuple):
            yield from (item for item in self.value if item.scalar is not None)
        elif self.scalar is not None:
            yield self


def read_tree(
    yaml: Yaml, path: str, lookup: Callable[[str], str | None], unset: str | None = None
) -> Node:
    """The document with the variables that `lookup` tells; its depth is bounded by the reader.

    unset: as `interpolate` takes it.
    """
    location = Location(path, yaml.span)
    key = Location(path, yaml.key) if yaml.key is not None else None
    value = yaml.value
    if isinstance(value, str):
        found = interpolate(value, lookup, unset) if "$" in value else None
        return Node(
            value if found is None else found.value,
            location,
            key,
            value,
            found is not None and found.chosen,
            yaml.quoted,
            yaml.tag,
        )
    if isinstance(value, tuple):
        items = tuple(read_tree(item, path, lookup, unset) for item in value)
        return Node(items, location, key, tag=yaml.tag)
    if isinstance(value, dict):
        entries = {name: read_tree(item, path, lookup, unset) for name, item in value.items()}
        return Node(entries, location, key, tag=yaml.tag)
    return Node(None, location, key, tag=yaml.tag)
