"""Compose and bake files to be checked in, what that asks for out: models, Dockerfiles, failures.

Knows no rule.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mllint.errors import InputError, explained
from mllint.finding import Failure, Unchecked
from mllint.loader import Loader
from mllint.named_tuple import NamedTuple
from mllint.parse.files import Files, show
from mllint.parse.source import Location, Span

if TYPE_CHECKING:
    from mllint.facts.compose.folder import ComposeFolder
    from mllint.facts.compose.model import Builder, Compose


class AskedModel(NamedTuple):
    """A compose model to judge; gpu_services: those that any file of its folder gives a GPU."""

    compose: "Compose"
    gpu_services: frozenset[str]
    files: Files


@dataclass(slots=True, eq=False, repr=False)
class Asked:
    """What a check of compose and bake files comes to.

    dockerfiles: those that they build and that are there. inline: builders whose Dockerfile stands
    in the compose file. read: shown paths of the files that could be read.
    """

    models: list[AskedModel] = field(default_factory=list)
    dockerfiles: list[Path] = field(default_factory=list)
    inline: list[tuple["Builder", Files]] = field(default_factory=list)
    read: list[tuple[str, Files]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)

    def with_found(self, found: Sequence[Path]) -> tuple[Path, ...]:
        """The Dockerfiles found and those that compose files build, each once, sorted."""
        known = {os.path.realpath(path) for path in found}
        extra = {os.path.realpath(path): path for path in self.dockerfiles}
        return tuple(sorted([*found, *(extra[real] for real in extra.keys() - known)]))


def ask(paths: Sequence[Path], loader: Loader, excluded: Callable[[Path], bool]) -> Asked:
    """What is to be checked for the sake of the compose and bake files `paths`.

    excluded: tells of a Dockerfile whether the user leaves it out.
    """
    asked = Asked()
    for folder, named in _by_folder(paths).items():
        files = loader.files_of(named[0])
        shown = {show(path, loader.cwd) for path in named}
        try:
            found = loader.compose_folder(folder, files)
        except Exception as error:  # whatever it is, the Dockerfiles are worth checking
            message = explained("reading the compose files of this folder failed", error)
            asked.failures.append(Failure(min(shown), None, message))
            continue
        if found is not None:
            _ask(asked, found, shown, files)
    asked.dockerfiles = [path for path in asked.dockerfiles if not excluded(path)]
    return asked


def _by_folder(paths: Iterable[Path]) -> dict[Path, list[Path]]:
    folders: dict[Path, list[Path]] = {}
    for path in paths:
        folders.setdefault(path.parent, []).append(path)
    return folders


def _ask(asked: Asked, found: "ComposeFolder", wanted: set[str], files: Files) -> None:
    """Add what the files `wanted` of one folder come to."""
    broken = _refuse(asked, found, wanted, files)
    models = [m for m in found.models if not wanted.isdisjoint(file.path for file in m.files)]
    read = {file.path for model in models for file in model.files}
    read |= {path for path in wanted - broken if path.endswith(".json")}
    asked.read += [(path, files) for path in sorted(read)]
    for model in models:
        asked.models.append(AskedModel(model, found.gpu_services, files))
        asked.unchecked += model.unchecked
    asked.unchecked += [note for note in found.unchecked if note.location.path in wanted]
    for builder in found.builders:
        path, inline = builder.build.dockerfile, builder.build.inline
        if builder.location.path not in read:
            continue
        if inline is not None:
            asked.inline.append((builder, files))
        elif path is not None and files.is_file(path):
            asked.dockerfiles.append(path)
        else:
            asked.unchecked.append(Unchecked(builder.location, _absent(builder, files)))


def _absent(builder: "Builder", files: Files) -> str:
    """Why the Dockerfile of a builder is not checked."""
    path, context = builder.build.dockerfile, builder.build.context
    if path is None:
        known = isinstance(context, Path)
        return f"{builder.label}: {'its Dockerfile is not known' if known else context}"
    where = files.show(path)
    return f"{builder.label}: {where} is not there to read"


def _refuse(asked: Asked, found: "ComposeFolder", wanted: set[str], files: Files) -> set[str]:
    """Add the files that could not be read: failures, but for templates, which are no YAML yet."""
    broken: set[str] = set()
    for error in found.failures:
        if error.path is None or error.path not in wanted:
            continue
        broken.add(error.path)
        if _is_template(error.path, files):
            place = Location(error.path, Span(1, 1, 1, 1))
            reason = "the file is a template, not a compose file yet"
            asked.unchecked.append(Unchecked(place, reason))
        else:
            asked.failures.append(Failure(error.path, error.line, error.message))
    return broken


def _is_template(path: str, files: Files) -> bool:
    try:
        text = files.read(files.absolute(path)).text
    except InputError:
        return False
    return "{{" in text or "{%" in text
