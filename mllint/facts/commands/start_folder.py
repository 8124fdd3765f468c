"""The WORKDIR that a base image leaves behind, where no table tells it: a folder without a name.

What is named from there on stays comparable (`COPY requirements.txt .` and `pip install -r
requirements.txt` mean the same file), and whether it meets an absolute path is not known.
"""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.variables import Value
from mllint.facts.unknown import Unknown

START_FOLDER = "/<workdir>"
"""Stands for that folder in paths."""

# A path of more parts is compared by its last ones.
_PARTS_LIMIT = 16


def start_folder(workdir: str | Unknown) -> str:
    """The folder in which a stage FROM an image with that WORKDIR starts."""
    return START_FOLDER if isinstance(workdir, Unknown) else workdir


def starts_unknown(path: str) -> bool:
    """Whether a path begins at a folder that is not known."""
    return path == START_FOLDER or path.startswith(START_FOLDER + "/")


def told_folder(folder: Value) -> Value:
    """A folder as a fact: Unknown when it begins at one that is not known."""
    if isinstance(folder, str) and starts_unknown(folder):
        return Unknown("the tables do not tell the WORKDIR of the base image")
    return folder


def as_written(path: str) -> str:
    """A path as a person would name it: relative when its beginning is not known."""
    return path.removeprefix(START_FOLDER + "/") if starts_unknown(path) else path


def possible_paths(path: str, destination: Value) -> Iterator[str]:
    """The paths at `destination` that may be `path`, as one of both begins at an unknown folder."""
    if isinstance(destination, Unknown) or starts_unknown(path) == starts_unknown(destination):
        return
    folder = posixpath.normpath(destination)
    parts = path.removeprefix(START_FOLDER).strip("/").split("/")[-_PARTS_LIMIT:]
    if posixpath.basename(folder) == parts[-1]:
        yield folder
    for start in range(len(parts)):
        yield posixpath.join(folder, *parts[start:])
