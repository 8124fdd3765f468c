"""A service in, the folder of its container whose content is lost with it, out."""

import posixpath

from mllint.facts.compose.model import Service
from mllint.facts.images.reference import ImageReference
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables

_OUTPUT_OPTIONS = frozenset(
    {"--output_dir", "--output-dir", "--out_dir", "--out-dir", "--save_dir", "--save-dir"}
    | {"--checkpoint_dir", "--checkpoint-dir", "--ckpt_dir", "--log_dir", "--logging_dir"}
)


class DataFolder(NamedTuple):
    """A folder that holds what should outlive the container; location: what says so."""

    path: str
    location: Location


def database_folder(
    service: Service, reference: ImageReference, tables: Tables
) -> DataFolder | None:
    """Where the database of the service keeps its data, when no volume is mounted there."""
    row = tables.data_folders.find(reference.name, reference.tag)
    if row is None or service.image is None or not service.complete:
        return None
    # `--datadir=/x`, `--dbpath /x`: the data lies elsewhere than the image's default.
    given = [word for part in (service.command, service.entrypoint) if part for word in part.known]
    moved = row.moved_by is not None and service.setting(row.moved_by) is not None
    if moved or service.env_files or any("/" in word for word in given):
        return None
    return None if is_mounted(row.folder, service) else DataFolder(row.folder, service.image[1])


def output_folder(service: Service, workdir: str | None) -> DataFolder | None:
    """Where a command of the service writes its results, when no volume is mounted there.

    `workdir`: the folder that it starts in, None when that is not known.
    """
    command = service.command
    if command is None or command.chosen or not service.complete:
        return None
    words = command.known
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name not in _OUTPUT_OPTIONS:
            continue
        if not equals:
            value = words[number + 1] if number + 1 < len(words) else ""
        if not value or value.startswith("-") or "$" in value or "://" in value:
            continue
        if not value.startswith("/") and workdir is None:
            continue
        path = posixpath.normpath(posixpath.join(workdir or "/", value))
        if not is_mounted(path, service):
            return DataFolder(path, command.places[number])
    return None


def is_mounted(folder: str, service: Service) -> bool:
    """Whether a volume, bind mount or tmpfs is at the folder, above it or below it."""
    for mount in service.mounts:
        if isinstance(mount.target, Unknown):
            return True
        target = posixpath.normpath(mount.target)
        if _is_within(folder, target) or _is_within(target, folder):
            return True
    return False


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
