"""A folder in, what its compose and bake files say out: one model for each way to use them.

`docker compose up` merges the default file and its override. A file beside them that is complete
is a model of its own; one whose services have no image is meant to be laid over the default one.
"""

from pathlib import Path
from typing import NamedTuple

from mllint.errors import InputError
from mllint.facts.compose.bake import load_bake
from mllint.facts.compose.loading import Documents, load_compose
from mllint.facts.compose.model import Builder, Compose
from mllint.finding import Unchecked
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


def _read(folder: Path, names: frozenset[str], files: Files) -> ComposeFolder:
    models: list[Compose] = []
    failures: list[InputError] = []
    unchecked: list[Unchecked] = []
    default = tuple(folder / name for name in default_compose_names(names))
    documents = Documents(files)

    def load(paths: tuple[Path, ...]) -> Compose | None:
        try:
            return load_compose(paths, documents)
        except InputError as error:
            failures.append(error)
            return None

    base = load(default) if default else None
    models += [base] if base is not None else []
    others = sorted(folder / n for n in names if is_compose_name(n) and folder / n not in default)
    waiting: list[tuple[Path, Compose]] = []
    included = set(base.included) if base is not None else set()
    for path in others:
        # What another file includes is judged as a part of that one.
        model = None if files.show(path) in included else load((path,))
        if model is None:
            continue
        included |= model.included
        if _is_complete(model):
            models.append(model)
        else:
            waiting.append((path, model))
    read = {file.path for model in models for file in model.files}
    known = {service.name for service in base.services} if base is not None else set()
    for number, (path, model) in enumerate(waiting):
        laid_over = number < _OVERLAY_LIMIT and not known.isdisjoint(
            service.name for service in model.services
        )
        merged = load((*default, path)) if laid_over else None
        if merged is not None and _is_complete(merged):
            models.append(merged)
        elif model.path not in read:
            reason = "its services have no image of their own, so another file is merged with it"
            unchecked.append(Unchecked(_top(model.path), reason))
    targets, told = _targets(folder, names, files, failures)
    gpu_services = frozenset(
        service.name
        for model in (*models, *(model for _, model in waiting))
        for service in model.services
        if service.gpus
    )
    return ComposeFolder(tuple(models), targets, tuple(failures), (*unchecked, *told), gpu_services)


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
