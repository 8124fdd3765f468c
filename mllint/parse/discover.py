"""Paths as a user names them in, the files to check out, sorted.

A named file is always taken, its kind told by its name or else its first instruction; a folder is
walked for files with telling names. Reads no more of a file than it needs to tell its kind.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from mllint.errors import InputError
from mllint.named_tuple import NamedTuple
from mllint.parse.files import Files, project_root
from mllint.parse.gitignore import IgnoreRules, read_patterns
from mllint.parse.kinds import (
    Kind,
    begins_as_dockerfile,
    is_doubtful,
    is_read_by_builds,
    kind_by_name,
)

_DEPTH_LIMIT = 64
"""Folders below each other; deeper ones are not walked."""


class Discovered(NamedTuple):
    """The files found, absolute and sorted.

    requirements, composes, bakes: named or found in a folder. others: what was named and only
    leads to the Dockerfiles that read it. failures: what was named and cannot be used.
    """

    dockerfiles: tuple[Path, ...] = ()
    requirements: tuple[Path, ...] = ()
    composes: tuple[Path, ...] = ()
    bakes: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    failures: tuple[InputError, ...] = ()


_SKIPPED_FOLDERS = frozenset(
    [".git", ".hg", ".svn", ".tox", ".nox", "__pycache__", "node_modules", "site-packages"]
)


def discover(
    paths: Sequence[str | Path], cwd: Path, exclude: Sequence[str], *, allow_outside: bool = False
) -> Discovered:
    """The files that `paths` name or hold; `exclude` has patterns as in .gitignore, from `cwd`."""
    found: dict[Kind, set[Path]] = {kind: set() for kind in Kind}
    failures: list[InputError] = []
    others: set[Path] = set()
    excluded = _exclusions(cwd, exclude)
    for named in paths:
        root = project_root(Path(named), cwd)
        files = Files(root, cwd, allow_outside)
        path = files.absolute(named)
        if files.is_dir(path):
            for kind, inside in _walk(path, files, excluded, failures):
                found[kind].add(inside)
            continue
        if str(named).endswith("/") and files.is_file(path):
            failures.append(InputError("is a file, not a folder", files.show(path)))
            continue
        try:
            kind = _kind_of(path, files)
        except InputError as error:
            shown = error.path or files.show(path)
            failures.append(InputError(error.message, shown, error.line))
            continue
        found[kind].add(path)
        if kind in (Kind.REQUIREMENTS, Kind.OTHER):
            others.add(path)
    return Discovered(
        tuple(sorted(found[Kind.DOCKERFILE])),
        tuple(sorted(found[Kind.REQUIREMENTS])),
        tuple(sorted(found[Kind.COMPOSE])),
        tuple(sorted(found[Kind.BAKE])),
        tuple(sorted(others)),
        tuple(sorted(failures, key=str)),
    )


def excluder(cwd: Path, exclude: Sequence[str]) -> Callable[[Path], bool]:
    """Tells of a file whether the patterns leave it, or a folder above it, out."""
    rules = _exclusions(cwd, exclude)

    def excluded(path: Path) -> bool:
        above = [folder for folder in path.parents if folder.is_relative_to(cwd)]
        return rules.ignores(path, False) or any(rules.ignores(each, True) for each in above)

    return excluded


def _exclusions(cwd: Path, exclude: Sequence[str]) -> IgnoreRules:
    return IgnoreRules().below(cwd, read_patterns("\n".join(exclude)))


def require_dockerfile(path: Path, files: Files) -> None:
    """Raise InputError for a file that is another kind of input, or none of ours."""
    kind = _kind_of(path, files)
    if kind is not Kind.DOCKERFILE:
        raise InputError(f"is not a Dockerfile but a {kind.value}", files.show(path))


def _kind_of(path: Path, files: Files) -> Kind:
    """The kind of a named file; raises InputError when it cannot be read or is none of ours."""
    source = files.read(path)
    kind = kind_by_name(path.name, path.parent.name)
    if kind is None and is_read_by_builds(path.name):
        kind = Kind.OTHER
    if kind is None and begins_as_dockerfile(source.text):
        kind = Kind.DOCKERFILE
    if kind is None:
        raise InputError(
            "is not a Dockerfile: it begins with neither FROM nor ARG, and its name is not that of"
            " a requirements or compose file",
            source.path,
        )
    return kind


def _walk(
    start: Path, files: Files, excluded: IgnoreRules, failures: list[InputError]
) -> Iterator[tuple[Kind, Path]]:
    """The files below `start` with telling names; links to files that are found too are dropped.

    What cannot be read is added to `failures`: a folder, and a Dockerfile that is a link out of
    the project.
    """
    seen: set[str] = set()
    links: list[tuple[Kind, Path]] = []
    for kind, path, is_link in _entries(start, files, excluded, failures):
        if is_link:
            links.append((kind, path))
        else:
            seen.add(os.path.realpath(path))
            yield kind, path
    for kind, path in sorted(links, key=lambda link: link[1]):
        real = os.path.realpath(path)
        if real not in seen and files.is_file(path):
            seen.add(real)
            yield kind, path
        elif kind is Kind.DOCKERFILE and not files.inside(path):
            failures.append(files.outside(path))


def _entries(
    start: Path, files: Files, excluded: IgnoreRules, failures: list[InputError]
) -> Iterator[tuple[Kind, Path, bool]]:
    """(kind, path, whether it is a link) of the files below `start`, ignored ones left out."""
    waiting = [(start, _rules_above(start, files), 0)]
    while waiting:
        folder, rules, depth = waiting.pop()
        try:
            entries = files.scan(folder)
        except InputError as error:
            failures.append(error)
            continue
        names = {entry.name for entry in entries}
        if "pyvenv.cfg" in names and folder != start:
            continue
        if ".gitignore" in names:
            rules = _with_gitignore(rules, folder, files)
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder and (entry.name in _SKIPPED_FOLDERS or depth >= _DEPTH_LIMIT):
                continue
            path = folder / entry.name
            kind = None if is_folder else _kind_of_entry(path, files)
            if kind is None and not is_folder:
                continue
            if rules.ignores(path, is_folder) or excluded.ignores(path, is_folder):
                continue
            if kind is None:
                waiting.append((path, rules, depth + 1))
            elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
                yield kind, path, entry.is_symlink()


def _kind_of_entry(path: Path, files: Files) -> Kind | None:
    """The kind of a file in a folder that is searched; None for one that is not ours."""
    if not is_doubtful(path.name):
        return kind_by_name(path.name, path.parent.name)
    with suppress(InputError):  # what cannot be read is not asked for by its name
        if begins_as_dockerfile(files.read(path).text):
            return Kind.DOCKERFILE
    return None


def _rules_above(start: Path, files: Files) -> IgnoreRules:
    """What the .gitignore files from the project root down to above `start` say.

    A folder that they ignore and the user names all the same is walked: they say nothing then.
    """
    rules = IgnoreRules()
    for folder in reversed(start.parents):
        if folder.is_relative_to(files.root):
            if rules.ignores(folder, is_folder=True):
                return IgnoreRules()
            rules = _with_gitignore(rules, folder, files)
    return IgnoreRules() if rules.ignores(start, is_folder=True) else rules


def ignored_by_git(path: Path, files: Files) -> bool:
    """Whether the project's .gitignore files leave out `path`, or a folder above it."""
    rules = IgnoreRules()
    steps = [above for above in (*reversed(path.parents), path) if above.is_relative_to(files.root)]
    for step in steps:
        if step != files.root and rules.ignores(step, is_folder=step != path or files.is_dir(path)):
            return True
        rules = _with_gitignore(rules, step, files)
    return False


def _with_gitignore(rules: IgnoreRules, folder: Path, files: Files) -> IgnoreRules:
    path = folder / ".gitignore"
    if not files.is_file(path):
        return rules
    try:
        return rules.below(folder, read_patterns(files.read(path).text))
    except InputError:  # git cannot read it either, and goes on
        return rules
