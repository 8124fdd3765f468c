"""A folder in, what its compose and bake files say out: one model for each way to use them.

`docker compose up` merges the default file and its override. A file beside them that is complete
is a model of its own; one whose services have no image is meant to be laid over the default one.
"""

from dataclasses import dataclass, field
from pathlib import Path

from mllint.errors import InputError
from mllint.facts.compose.bake import load_bake
from mllint.facts.compose.loading import Documents, load_compose
from mllint.facts.compose.model import Builder, Compose
from mllint.finding import Unchecked
from mllint.named_tuple import NamedTuple
from mllint.parse.compose.names import (
    default_bake_names,
    default_compose_names,
    is_bake_name,
    is_compose_name,
)
from mllint.parse.files import Files
from mllint.parse.source import Location, Span

_LIMIT = 2000
"""Compose and bake files of one folder that are read."""
_OVERLAY_LIMIT = 100
"""Files of one folder that are laid over the default one, which is merged anew for each."""


class ComposeFolder(NamedTuple):
    """The compose models of a folder, its bake targets, and what could not be read.

    unchecked: of bake files and overlays; that of a model is its own. gpu_services: the services
    to which any of the files gives a GPU, be it one that is laid over another.
    """

    models: tuple[Compose, ...] = ()
    targets: tuple[Builder, ...] = ()
    failures: tuple[InputError, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    gpu_services: frozenset[str] = frozenset()

    @property
    def builders(self) -> tuple[Builder, ...]:
        """Every service and bake target that builds an image, once."""
        services = (
            Builder(f"service {service.name}", service.location, service.build, service)
            for model in self.models
            for service in model.services
            if service.build is not None
        )
        return (*services, *self.targets)


def read_folder(folder: Path, files: Files) -> ComposeFolder:
    """What the compose and bake files in `folder` itself say."""
    names = [n for n in files.children(folder) if is_compose_name(n) or is_bake_name(n)]
    return _read(folder, frozenset(names[:_LIMIT]), files) if names else ComposeFolder()


@dataclass(slots=True, eq=False, repr=False)
class _Reading:
    """What the files of one folder have come to so far; each is parsed once."""

    documents: Documents
    models: list[Compose] = field(default_factory=list)
    failures: list[InputError] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)

    def load(self, *paths: Path) -> Compose | None:
        """The model of the files, merged; None when one of them cannot be read."""
        try:
            return load_compose(paths, self.documents)
        except InputError as error:
            self.failures.append(error)
            return None

    def own_models(self, paths: list[Path]) -> list[tuple[Path, Compose]]:
        """Take the files that are models of their own; those that are not complete are left."""
        left: list[tuple[Path, Compose]] = []
        included = {path for model in self.models for path in model.included}
        for path in paths:
            # What another file includes is judged as a part of that one.
            skipped = self.documents.files.show(path) in included
            model = None if skipped else self.load(path)
            if model is not None:
                included |= model.included
                if _is_complete(model):
                    self.models.append(model)
                else:
                    left.append((path, model))
        return left

    def lay_over(self, default: tuple[Path, ...], left: list[tuple[Path, Compose]]) -> None:
        """Merge each file that is not complete over the default ones, where they belong to it."""
        read = {file.path for model in self.models for file in model.files}
        known = {s.name for s in self.models[0].services} if default and self.models else set()
        for number, (path, model) in enumerate(left):
            fits = number < _OVERLAY_LIMIT and any(s.name in known for s in model.services)
            merged = self.load(*default, path) if fits else None
            if merged is not None and _is_complete(merged):
                self.models.append(merged)
            elif model.path not in read:
                reason = "its services have no image of their own: another file is merged with it"
                self.unchecked.append(Unchecked(_top(model.path), reason))


def _read(folder: Path, names: frozenset[str], files: Files) -> ComposeFolder:
    reading = _Reading(Documents(files))
    default = tuple(folder / name for name in default_compose_names(names))
    base = reading.load(*default) if default else None
    reading.models += [base] if base is not None else []
    others = sorted(folder / n for n in names if is_compose_name(n) and folder / n not in default)
    left = reading.own_models(others)
    reading.lay_over(default if base is not None else (), left)
    targets, unchecked = _targets(folder, names, files, reading.failures)
    gpu_services = frozenset(
        service.name
        for model in (*reading.models, *(model for _, model in left))
        for service in model.services
        if service.gpus
    )
    return ComposeFolder(
        tuple(reading.models),
        targets,
        tuple(reading.failures),
        (*reading.unchecked, *unchecked),
        gpu_services,
    )


def merged_files(path: Path, documents: Documents) -> tuple[Path, ...]:
    """The files that are merged where `path` is meant, in order; raises InputError.

    The default file comes with its override, and before a file that has no images of its own.
    """
    files = documents.files
    names = [name for name in files.children(path.parent) if is_compose_name(name)]
    default = tuple(path.parent / name for name in default_compose_names(names))
    if path in default:
        return default
    if not default or _is_complete(load_compose((path,), documents)):
        return (path,)
    return (*default, path)


def _is_complete(model: Compose) -> bool:
    return all(service.image or service.build for service in model.services)


def _targets(
    folder: Path, names: frozenset[str], files: Files, failures: list[InputError]
) -> tuple[tuple[Builder, ...], list[Unchecked]]:
    """The bake targets of the folder; HCL is not read."""
    default = default_bake_names(names)
    sets = [default] if default else []
    sets += [(n,) for n in sorted(names) if is_bake_name(n) and n not in default]
    targets: list[Builder] = []
    unchecked: list[Unchecked] = []
    for each in sets:
        if each[0].lower().endswith(".hcl"):
            shown = files.show(folder / each[0])
            unchecked.append(Unchecked(_top(shown), "bake files in HCL are not read"))
            continue
        try:
            found, told = load_bake(tuple(folder / name for name in each), files)
        except InputError as error:
            failures.append(error)
            continue
        targets += found
        unchecked += told
    return tuple(targets), unchecked


def _top(path: str) -> Location:
    return Location(path, Span(1, 1, 1, 1))
