"""A Dockerfile's COPY sources in, the folder of its build context out."""

from collections.abc import Iterator
from pathlib import Path

from mllint.errors import InputError
from mllint.facts.filesystem import Context
from mllint.parse.dockerfile import Dockerfile
from mllint.parse.dockerignore import parse_dockerignore
from mllint.parse.files import Files


def find_context(
    dockerfile: Dockerfile, path: Path, files: Files, given: Path | None
) -> Context | None:
    """The build context of a Dockerfile, None when no folder holds what it copies.

    It is `given`, else the folder of the Dockerfile or the nearest one above it (within the
    project) that holds the files copied.
    """
    if given is not None:
        return _context(given, path, files)
    sources = tuple(_sources(dockerfile))
    folder = path.parent
    best: tuple[int, Path] | None = None
    while True:
        held = sum(_holds(str(folder), source, files) for source in sources)
        if held == len(sources):
            return _context(folder, path, files)
        if held and (best is None or held > best[0]):
            best = (held, folder)
        if folder == files.root or folder == folder.parent:
            break
        folder = folder.parent
    return _context(best[1], path, files) if best is not None else None


def _sources(dockerfile: Dockerfile) -> Iterator[str]:
    """The sources that COPY and ADD take from the context and that can be looked for."""
    for instruction in dockerfile.instructions:
        if instruction.keyword not in ("COPY", "ADD") or instruction.flag("from"):
            continue
        words = instruction.exec_form or tuple(word.text for word in instruction.words())
        for word in words[:-1]:
            word = word.strip("\"'")
            if not word.startswith(("<<", "http", "git@")) and "$" not in word:
                yield word


def _holds(folder: str, source: str, files: Files) -> bool:
    inside = source.lstrip("/").removeprefix("./")
    first = next((i for i, char in enumerate(inside) if char in "*?["), None)
    if first is not None:  # a wildcard: the folder it stands in is enough
        inside = inside[:first].rpartition("/")[0]
    if inside in ("", "."):
        return True
    target = f"{folder}/{inside}"
    return files.is_file(target) or files.is_dir(target)


def _context(folder: Path, dockerfile: Path, files: Files) -> Context:
    for ignore in (
        dockerfile.with_name(dockerfile.name + ".dockerignore"),
        folder / ".dockerignore",
    ):
        if files.is_file(ignore):
            try:
                return Context(folder, files, parse_dockerignore(files.read(ignore).text))
            except InputError:
                break
    return Context(folder, files, parse_dockerignore(""))
