"""Paths of `docker-bake.json` files in, their targets as builders of images out.

https://docs.docker.com/build/bake/reference/. A target with a matrix is not read: it stands for
several.
"""

from collections.abc import Iterator
from pathlib import Path

from mllint.errors import InputError
from mllint.facts.compose.canonical import canonical_build
from mllint.facts.compose.merging import merge
from mllint.facts.compose.model import Builder
from mllint.facts.compose.services import image_build
from mllint.facts.compose.tree import Node, read_tree
from mllint.finding import Unchecked
from mllint.parse.files import Files
from mllint.parse.yaml_text import load_yaml

_CHAIN_LIMIT = 50
# Keys of a target by their names in a service's `build`, which mean the same.
_RENAMED = {"dockerfile-inline": "dockerfile_inline", "shm-size": "shm_size"}


def load_bake(
    paths: tuple[Path, ...], files: Files
) -> tuple[tuple[Builder, ...], tuple[Unchecked, ...]]:
    """The targets of the files, merged in their order, and what of them was not read.

    Paths count from the folder of the first file. Raises InputError when one is no JSON.
    """
    tree: Node | None = None
    for path in paths:
        loaded = _load(path, files)
        tree = loaded if tree is None else merge(tree, loaded)
    assert tree is not None
    named = tree.at("target")
    targets = {} if named is None else named.entries
    builders: list[Builder] = []
    unchecked: list[Unchecked] = []
    for name, node in targets.items():
        if node.at("matrix") is not None:
            unchecked.append(Unchecked(node.place, f"the target {name} has a matrix"))
            continue
        entries = dict(_inherited(name, targets, ()))
        entries.setdefault("context", node._replace(value=".", key=None))
        whole = canonical_build(node._replace(value=entries), paths[0].parent)
        builders.append(
            Builder(f"target {name}", node.place, image_build(whole, None, paths[0].parent))
        )
    return tuple(builders), tuple(unchecked)


def _load(path: Path, files: Files) -> Node:
    """One file; JSON is YAML, but for tabs, which can stand only between its values."""
    source = files.read(path)
    document = load_yaml(source._replace(text=source.text.replace("\t", " ")))
    if document is None or not isinstance(document.value, dict):
        raise InputError("is no bake file: it is no object", source.path)
    # Bake replaces `${X}` in JSON as in HCL, with variables that the file itself declares.
    tree = read_tree(document, source.path, dict(_defaults(read_tree(document, "", _no))).get)
    return tree


def _no(name: str) -> None:
    return None


def _defaults(tree: Node) -> Iterator[tuple[str, str]]:
    variables = tree.at("variable")
    for name, node in (variables.entries if variables is not None else {}).items():
        default = node.at("default")
        if default is not None and default.text is not None:
            yield name, default.text


def _inherited(name: str, targets: dict[str, Node], chain: tuple[str, ...]) -> dict[str, Node]:
    """The keys of a target over those that it inherits; a circle ends where it closes."""
    node = targets.get(name)
    if node is None or name in chain or len(chain) >= _CHAIN_LIMIT:
        return {}
    merged = node._replace(value={})
    inherits = node.at("inherits")
    for base in inherits.items if inherits is not None else ():
        if base.text is not None:
            inherited = _inherited(base.text, targets, (*chain, name))
            merged = merge(merged, node._replace(value=inherited, tag=None))
    own = {_RENAMED.get(key, key): item for key, item in node.entries.items()}
    own.pop("inherits", None)
    return merge(merged, node._replace(value=own, tag=None)).entries
