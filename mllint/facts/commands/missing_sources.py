"""A stage in, the sources of its COPY and ADD that the build context does not have, out."""

import posixpath
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from mllint.errors import InputError
from mllint.facts.commands.filesystem import Context, Copy
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.discover import ignored_by_git
from mllint.parse.dockerfile import Instruction
from mllint.parse.source import Location

_REMOTE = ("http://", "https://", "git://", "ssh://", "git@", "ftp://")


class Lack(Enum):
    """Why the builder does not find a source."""

    ABSENT = "the context has no such file"
    IGNORED = ".dockerignore leaves it out"


class MissingSource(NamedTuple):
    """A source that is not there: its path in the context, and the word that names it.

    certain: the user named the context.
    """

    lack: Lack
    source: str
    location: Location
    certain: bool


def missing_sources(project: Project, stage: Stage) -> Iterator[MissingSource]:
    """Each source without a wildcard that no build of this folder can find, in order."""
    context = project.context
    if context is None:
        return
    given = project.options.context is not None
    instructions = {project.at(instruction): instruction for instruction in stage.instructions}
    for copy in stage.copies:
        if not copy.from_context:
            continue
        for source in copy.sources:
            if (
                not isinstance(source, str)
                or source.startswith(_REMOTE)
                or set(source) & set("*?[{")
            ):
                continue
            inside = posixpath.normpath("/" + source).lstrip("/")
            lack = _lack(context, inside) if inside else None
            if lack is None or (lack is Lack.ABSENT and may_be_made(project, context, inside)):
                continue
            place = _word(copy, source, instructions.get(copy.location), project)
            yield MissingSource(lack, inside, place, certain=given)


def _lack(context: Context, inside: str) -> Lack | None:
    if not context.holds(inside):
        return Lack.ABSENT
    if not context.ignore.excluded(inside):
        return None
    if context.is_dir(inside) and not context.ignore.excluded_with_contents(inside):
        return None
    return Lack.IGNORED


def may_be_made(project: Project, context: Context, inside: str) -> bool:
    """Whether a build step, a submodule or another context may put the file there."""
    files = context.files
    path = context.folder / inside
    if ignored_by_git(path, files):
        return True
    try:
        modules = files.read(files.root / ".gitmodules").text
    except InputError:
        modules = ""
    shown = path.relative_to(files.root).as_posix() if path.is_relative_to(files.root) else inside
    for line in modules.split("\n"):
        name, _, value = line.partition("=")
        if name.strip() == "path" and f"{shown}/".startswith(f"{value.strip()}/"):
            return True
    if project.options.context is not None:
        return False
    folder = Path(files.absolute(project.path)).parent
    return any(
        files.is_file(above / inside) or files.is_dir(above / inside)
        for above in (folder, *folder.parents)
        if above.is_relative_to(files.root)
    )


def _word(copy: Copy, source: str, instruction: Instruction | None, project: Project) -> Location:
    """The word of the instruction that names a source; the whole instruction when it has none."""
    if instruction is not None and instruction.exec_form is None:
        for word in instruction.words():
            if word.text.strip("\"'") == source:
                return Location(project.path, word.span(0, len(word.text)))
    return copy.location
