"""COPY, ADD and bind mounts in, where a file of the image comes from out; runs no command."""

import posixpath
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from mllint.facts.commands.start_folder import possible_paths
from mllint.facts.commands.variables import Value
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerignore import Dockerignore
from mllint.parse.files import Files
from mllint.parse.source import Location, MappedText

# ADD unpacks them.
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".gz", ".xz")


class Copy(NamedTuple):
    """One COPY, ADD or bind mount.

    sources: paths as the instruction names them. destination: absolute, with a trailing `/` when
    it was written so. stage: index of the stage copied from, None for the build context; `image`:
    the image copied from. inline: heredoc bodies by name. parents: `COPY --parents`.
    """

    sources: tuple[Value, ...]
    destination: Value
    location: Location
    stage: int | None = None
    image: str | None = None
    inline: tuple[tuple[str, MappedText], ...] = ()
    mount: bool = False
    keyword: str = "COPY"
    parents: bool = False

    @property
    def from_context(self) -> bool:
        """True when the files come from the build context."""
        return self.stage is None and self.image is None


class Written(NamedTuple):
    """A path (or folder) that a command creates or changes, so its content is not known."""

    path: Value
    location: Location
    by: str


Layer = Copy | Written


class ContextFile(NamedTuple):
    """A file or folder of the build context; `relative` is its path inside the context."""

    path: Path
    relative: str


Located = ContextFile | MappedText | Unknown


class Context(NamedTuple):
    """The build context: its folder, what .dockerignore leaves out, and the gate to read files.

    ignore_file: the name of the file that `ignore` is read from, None when there is none.
    certain: the user named the folder, or it holds every file that COPY takes from it.
    """

    folder: Path
    files: Files
    ignore: Dockerignore
    ignore_file: str | None = None
    certain: bool = True

    def holds(self, relative: str) -> bool:
        """Whether a file or folder is there, ignored or not."""
        path = f"{self.folder}/{posixpath.normpath('/' + relative).lstrip('/')}"
        return self.files.is_file(path) or self.files.is_dir(path)

    def find(self, relative: str) -> ContextFile | None:
        """The file or folder at `relative`, None when it is not there or is ignored."""
        inside = posixpath.normpath("/" + relative).lstrip("/")
        if inside and self.ignore.excluded(inside):
            return None
        path = f"{self.folder}/{inside}"
        if self.files.is_file(path) or self.files.is_dir(path):
            return ContextFile(Path(path), inside)
        return None

    def relative(self, shown: str) -> str | None:
        """The path inside the context of a file as shown; None when it lies outside."""
        path, folder = self.files.absolute(shown), self.files.absolute(self.folder)
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else None

    def is_dir(self, relative: str) -> bool:
        """True when `relative` is a folder of the context."""
        inside = posixpath.normpath("/" + relative).lstrip("/")
        return not inside or self.files.is_dir(f"{self.folder}/{inside}")

    def matches(self, pattern: str) -> tuple[str, ...]:
        """The context paths that a COPY source names, wildcards in its last part expanded."""
        folder, name = posixpath.split(posixpath.normpath("/" + pattern).lstrip("/"))
        if not any(char in pattern for char in "*?["):
            return (posixpath.join(folder, name),)
        if any(char in folder for char in "*?["):
            return ()
        names = self.files.children(self.folder / folder)
        return tuple(posixpath.join(folder, n) for n in names if fnmatchcase(n, name))


def locate(
    path: str,
    layers: Sequence[Layer],
    context: Context | None,
    layers_of: Callable[[int], tuple[Layer, ...]],
    depth: int = 0,
) -> Located | None:
    """Where the file `path` (absolute, in the image) comes from; None when nothing puts it there.

    `layers_of` gives the layers of another stage, for COPY --from.
    """
    if depth > 20:
        return Unknown("files are copied through more than 20 stages")
    path = posixpath.normpath(path)
    for layer in reversed(layers):
        if isinstance(layer, Written):
            if isinstance(layer.path, str) and _is_below(path, layer.path):
                return Unknown(
                    f"{path} is written by {layer.by} on line {layer.location.span.line}"
                )
            continue
        found = _from_copy(path, layer, context, layers_of, depth)
        if found is not None:
            return found
    return _from_start(path, layers, context)


def _from_start(path: str, layers: Sequence[Layer], context: Context | None) -> Unknown | None:
    """Unknown when a copy brings the file if an unknown WORKDIR is the folder that is meant."""
    for layer in layers:
        if isinstance(layer, Copy) and layer.from_context:
            others = possible_paths(path, layer.destination)
            if any(_from_copy(other, layer, context, lambda _: (), 0) for other in others):
                return Unknown("the WORKDIR of the base image is not known")
    return None


def _from_copy(
    path: str,
    copy: Copy,
    context: Context | None,
    layers_of: Callable[[int], tuple[Layer, ...]],
    depth: int,
) -> Located | None:
    if isinstance(copy.destination, Unknown) or not _is_below(path, copy.destination):
        return None  # all that follows looks at or below the destination: most copies are elsewhere
    for name, body in copy.inline:
        if path == _target(copy.destination, name, len(copy.sources) + len(copy.inline) > 1):
            return body
    for source in copy.sources:
        if isinstance(source, Unknown):
            if _is_below(path, copy.destination):
                return Unknown(f"what line {copy.location.span.line} copies is not known: {source}")
            continue
        if copy.image is not None:
            if _is_below(path, copy.destination):
                return Unknown(f"{path} comes from the image {copy.image}")
            continue
        if copy.stage is not None:
            found = _from_stage(path, source, copy, layers_of, context, depth)
        else:
            found = _from_context(path, source, copy, context)
        if found is not None:
            return found
    return None


def _from_context(
    path: str, source: str, copy: Copy, context: Context | None
) -> ContextFile | Unknown | None:
    destination = str(copy.destination)
    if context is None:
        name = posixpath.basename(source)
        # `COPY requirements.txt .` brings one file, whatever the context holds.
        plain = "." in name.strip(".") and not any(char in name for char in "*?[")
        places = (_target(destination, name, several=True), posixpath.normpath(destination))
        may = path in places if plain else _is_below(path, destination)
        return Unknown(f"no build context was found that holds {source}") if may else None
    if source.startswith(("http://", "https://", "git@", "ssh://", "git://")):
        below = _is_below(path, destination)
        return Unknown(f"{path} is downloaded from {source}") if below else None
    if copy.parents or (copy.keyword == "ADD" and source.endswith(ARCHIVES)):
        return Unknown(f"what {source} becomes") if _is_below(path, destination) else None
    matches = context.matches(source)
    several = len(copy.sources) > 1 or len(matches) > 1
    for match in matches:
        if context.is_dir(match):
            if _is_below(path, destination):
                inside = posixpath.relpath(path, destination.rstrip("/") or "/")
                found = context.find(posixpath.join(match, inside))
                if found is not None:
                    return found
        elif path == _target(destination, posixpath.basename(match), several) or path == (
            _target(destination + "/", posixpath.basename(match), several=True)
        ):
            found = context.find(match)
            if found is not None:
                return found
    return None


def _from_stage(
    path: str,
    source: str,
    copy: Copy,
    layers_of: Callable[[int], tuple[Layer, ...]],
    context: Context | None,
    depth: int,
) -> Located | None:
    """Follow COPY --from: the same file in the other stage, as a folder's content or by name."""
    assert copy.stage is not None
    destination = str(copy.destination)
    layers = layers_of(copy.stage)
    candidates = []
    if path == _target(destination, posixpath.basename(source), len(copy.sources) > 1):
        candidates.append("/" + source.lstrip("/"))
    if _is_below(path, destination):
        inside = posixpath.relpath(path, destination.rstrip("/") or "/")
        candidates.append(posixpath.join("/" + source.lstrip("/"), inside))
    for candidate in candidates:
        found = locate(candidate, layers, context, layers_of, depth + 1)
        if found is not None:
            return found
    return None


def _target(destination: str, name: str, several: bool) -> str:
    """Where a single file lands: below a destination that ends in `/`, else at it."""
    if destination.endswith("/") or several:
        return posixpath.normpath(posixpath.join(destination, name))
    return posixpath.normpath(destination)


def _is_below(path: str, folder: str) -> bool:
    folder = posixpath.normpath(folder)
    return path == folder or folder == "/" or path.startswith(folder + "/")
