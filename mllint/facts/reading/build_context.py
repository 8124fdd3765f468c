"""A Dockerfile's COPY sources in, the folder of its build context out."""

import posixpath
from collections.abc import Iterator
from pathlib import Path

from mllint.errors import InputError
from mllint.facts.commands.filesystem import Context
from mllint.parse.dockerfile import Dockerfile
from mllint.parse.dockerignore import parse_dockerignore
from mllint.parse.files import Files

_RECIPES = frozenset({"docker", ".docker", "dockerfiles", "containers", ".devcontainer"})


def find_contexts(
    dockerfile: Dockerfile, path: Path, files: Files, given: Path | None, likely: Path | None
) -> Iterator[Context]:
    """The folders that may be the build context, the likeliest first.

    `given` alone when there is one; else `likely`, then the folder of the Dockerfile and those
    above it (within the project) that hold what the Dockerfile copies, nearest first; failing
    that, the one that holds most of it. A folder for Dockerfiles comes last where all of the
    context is copied: what `docker/Dockerfile` copies with `COPY . /app` is the project, not its
    recipes.
    """
    if given is not None:
        yield _context(given, path, files)
        return
    if likely is not None:
        yield _context(likely, path, files)
    sources = tuple(_sources(dockerfile))
    best: tuple[int, Path] | None = None
    complete = False
    recipes: list[Path] = []
    whole = any(posixpath.normpath(source) == "." for source in sources)
    for folder in _upwards(path.parent, files.root):
        held = sum(_holds(str(folder), source, files) for source in sources)
        if held == len(sources):
            complete = True
            if whole and _is_for_recipes(folder, files.root):
                recipes.append(folder)
            else:
                yield _context(folder, path, files)
        elif held and (best is None or held > best[0]):
            best = (held, folder)
    if not complete and best is not None:
        yield _context(best[1], path, files)._replace(certain=False)
    for folder in recipes:
        yield _context(folder, path, files)


def _is_for_recipes(folder: Path, root: Path) -> bool:
    """Whether the folder, or one above it in the project, is named after what it is for."""
    return any(part.lower() in _RECIPES for part in folder.relative_to(root).parts)


def _upwards(folder: Path, root: Path) -> Iterator[Path]:
    while True:
        yield folder
        if folder in (root, folder.parent):
            return
        folder = folder.parent


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
    # The builder reads `../x` as `x`: nothing lies above the root of the context.
    inside = posixpath.normpath("/" + source).lstrip("/")
    first = next((i for i, char in enumerate(inside) if char in "*?["), None)
    if first is not None:  # a wildcard: the folder it stands in is enough
        inside = inside[:first].rpartition("/")[0]
    if not inside:
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
                text = files.read(ignore).text
                return Context(folder, files, parse_dockerignore(text), ignore.name)
            except InputError:
                break
    return Context(folder, files, parse_dockerignore(""))
