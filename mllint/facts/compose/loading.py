"""Paths of compose files in, their merged model out: overrides, `extends` and `include` followed.

https://docs.docker.com/reference/compose-file/. Reads only through the gate; a file that is
extended or included and cannot be read leaves what it would say unknown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mllint.errors import InputError
from mllint.facts.compose.canonical import canonical_service, with_host_paths
from mllint.facts.compose.interpolation import read_env
from mllint.facts.compose.merging import merge, without_resets
from mllint.facts.compose.model import Compose, ComposeFile
from mllint.facts.compose.services import service_facts
from mllint.facts.compose.tree import Node, read_tree
from mllint.facts.compose.whole_lines import whole_lines
from mllint.finding import Unchecked
from mllint.parse.files import Files
from mllint.parse.source import Location, SourceFile, Span
from mllint.parse.yaml_text import Yaml, load_yaml

_CHAIN_LIMIT = 50
"""Services that extend each other, and files that include each other."""

Lookup = Callable[[str], str | None]


class Documents:
    """The documents of YAML files of one project, each parsed once."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._known: dict[Path, tuple[SourceFile, Yaml | None]] = {}

    def load(self, path: Path) -> tuple[SourceFile, Yaml | None]:
        """The text and the document of a file; raises InputError when it has none."""
        if path not in self._known:
            source = self.files.read(path)
            self._known[path] = source, load_yaml(source)
        return self._known[path]


def load_compose(
    paths: tuple[Path, ...], documents: Documents, environ: Mapping[str, str] | None = None
) -> Compose:
    """The model of the files, merged in their order.

    environ: the variables of the shell, None where they are not known; with them, mounts come in
    their long form and with absolute paths.
    Raises InputError, with file and line, when one of them is no compose file.
    """
    reading, files = _Reading(documents, documents.files, environ), documents.files
    folder = paths[0].parent
    variables = {**reading.dotenv(folder / ".env"), **(environ or {})}
    tree: Node | None = None
    for path in paths:
        loaded = reading.load(path, folder, variables, ())
        tree = loaded if tree is None else merge(tree, loaded)
    assert tree is not None
    tree = without_resets(tree)
    named = tree.at("services")
    services = tuple(
        service_facts(name, node, folder, complete=name not in reading.incomplete)
        for name, node in (named.entries if named is not None else {}).items()
    )
    networks = tree.at("networks")
    overlay = any(
        (driver := node.at("driver")) is not None and driver.text == "overlay"
        for node in (networks.entries.values() if networks is not None else ())
    )
    return Compose(
        files.show(paths[0]),
        tuple(reading.read.values()),
        services,
        tuple(reading.unchecked),
        overlay or any(service.stack for service in services),
        frozenset(map(files.show, reading.included)) & reading.read.keys(),
        tree,
    )


@dataclass(slots=True, eq=False, repr=False)
class _File:
    """One file as read, its paths counting from `folder`.

    done: its services, extended; depth: how many services each of them stands on.
    """

    path: Path
    folder: Path
    variables: Mapping[str, str]
    tree: Node
    done: dict[str, Node] = field(default_factory=dict)
    depth: dict[str, int] = field(default_factory=dict)

    @property
    def services(self) -> dict[str, Node]:
        found = self.tree.at("services")
        return {} if found is None else found.entries


@dataclass(slots=True, eq=False, repr=False)
class _Reading:
    """What one model has read so far; incomplete: services of which something was not read."""

    documents: Documents
    files: Files
    environ: Mapping[str, str] | None = None
    read: dict[str, ComposeFile] = field(default_factory=dict)
    opened: dict[tuple[Path, Path], _File] = field(default_factory=dict)
    included: set[Path] = field(default_factory=set)
    incomplete: set[str] = field(default_factory=set)
    unchecked: list[Unchecked] = field(default_factory=list)

    def dotenv(self, path: Path) -> dict[str, str]:
        """The variables of a `.env` file; none when it is not there."""
        if not self.files.is_file(path):
            return {}
        try:
            return read_env(self.files.read(path).text, self.environ)
        except InputError:
            return {}

    def load(
        self, path: Path, folder: Path, variables: Mapping[str, str], chain: tuple[Path, ...]
    ) -> Node:
        """The model of one file and those that it includes, services extended."""
        file = self.open(path, folder, variables)
        services = {name: self.service(name, file, ()) for name in file.services}
        entries = dict(file.tree.entries)
        if services:
            entries["services"] = file.tree.entries["services"]._replace(value=services)
        tree = file.tree._replace(value=entries)
        include = file.tree.at("include")
        for item in include.items if include is not None else ():
            for included in self._included(item, file, (*chain, path)):
                tree = merge(included, tree)
        return tree

    def open(self, path: Path, folder: Path, variables: Mapping[str, str]) -> _File:
        """One file, read once; raises InputError when it is no compose file."""
        known = self.opened.get((path, folder))
        if known is not None:
            return known
        source, document = self.documents.load(path)
        unset = None if self.environ is None else ""
        tree = _checked(source, document, variables.get, unset)
        version = tree.at("version")
        place = None if version is None or version.key is None else _line_of(version)
        lines = None if place is None else whole_lines(place, source)
        self.read[source.path] = ComposeFile(source.path, place, lines)
        file = self.opened[path, folder] = _File(path, folder, variables, tree)
        return file

    def service(self, name: str, file: _File, chain: tuple[tuple[Path, str], ...]) -> Node:
        """A service of a file in its long form, put on top of the one that it extends."""
        if name in file.done:
            return file.done[name]
        node = canonical_service(file.services[name], file.folder)
        if self.environ is not None:
            node = with_host_paths(node, file.folder)
        extends = node.at("extends")
        if extends is None:
            file.done[name] = node
            return node
        try:
            base, depth = self._extended(extends, file, (*chain, (file.path, name)))
        except InputError as error:
            reason = f"{name} extends what cannot be read: {error}"
            self.unchecked.append(Unchecked(extends.place, reason))
            self.incomplete.add(name)
            return node
        if (extends.at("service") or extends).text in self.incomplete:
            self.incomplete.add(name)
        file.depth[name] = depth
        merged = merge(base, node)
        file.done[name] = merged._replace(location=node.location, key=node.key)
        return file.done[name]

    def _extended(
        self, extends: Node, file: _File, chain: tuple[tuple[Path, str], ...]
    ) -> tuple[Node, int]:
        """The service that `extends` names, and how many services stand below the one on it."""
        service, other = extends.at("service") or extends, extends.at("file")
        name = service.text
        if name is None or (other is not None and other.text is None):
            raise InputError("its name is not known")
        if other is not None and other.text is not None:
            path = self.files.absolute(file.folder / other.text)
            file = self.open(path, path.parent, file.variables)
        if name not in file.services:
            raise InputError(f"there is no service {name}", self.files.show(file.path))
        if (file.path, name) in chain or len(chain) >= _CHAIN_LIMIT:
            raise InputError("services extend each other in a circle")
        base = self.service(name, file, chain)
        depth = file.depth.get(name, 0) + 1
        if depth > _CHAIN_LIMIT:
            raise InputError(f"more than {_CHAIN_LIMIT} services extend each other")
        return base, depth

    def _included(self, item: Node, file: _File, chain: tuple[Path, ...]) -> list[Node]:
        """The models that one entry of `include` names."""
        named = item.at("path") or item
        paths = [self.files.absolute(file.folder / n.text) for n in named.scalars() if n.text]
        models: list[Node] = []
        if not paths:
            return models
        at = item.at("project_directory")
        folder = self.files.absolute(file.folder / at.text) if at and at.text else paths[0].parent
        variables = {**self.dotenv(folder / ".env"), **file.variables}
        for path in paths:
            if path in self.included:
                continue
            self.included.add(path)
            try:
                if path in chain or len(chain) >= _CHAIN_LIMIT:
                    raise InputError("files include each other in a circle")
                models.append(self.load(path, folder, variables, chain))
            except InputError as error:
                reason = f"what is included cannot be read: {error}"
                self.unchecked.append(Unchecked(item.location, reason))
        return models


def _checked(source: SourceFile, document: Yaml | None, lookup: Lookup, unset: str | None) -> Node:
    """The document; raises InputError when its shape is not that of a compose file."""
    if document is None:
        raise InputError("is empty", source.path)
    if not isinstance(document.value, dict):
        raise InputError("is no compose file: it is no mapping", source.path, document.span.line)
    services = document.entries.get("services")
    if services is not None and services.value is not None:
        if not isinstance(services.value, dict):
            raise InputError("services is no mapping", source.path, services.span.line)
        for name, service in services.entries.items():
            if not isinstance(service.value, dict) and service.tag is None:
                line = (service.key or service.span).line
                raise InputError(f"the service {name[:80]} is no mapping", source.path, line)
    return read_tree(document, source.path, lookup, unset)


def _line_of(node: Node) -> Location:
    """From the key to the end of the value."""
    assert node.key is not None
    start, end = node.key.span, node.location.span
    return Location(node.key.path, Span(start.line, start.column, end.end_line, end.end_column))
