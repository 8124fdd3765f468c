"""`pipenv install` and `pipenv sync` in, what they take from Pipfile.lock or the Pipfile out."""

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Located
from mllint.facts.installs.builder import InstallBuilder
from mllint.facts.installs.command_options import CommandOptions, read_options
from mllint.facts.installs.install import Indexes, Installer, InstallOptions
from mllint.facts.installs.lock_reach import Reached
from mllint.facts.installs.locked_installs import add_locked, public_index
from mllint.facts.installs.markers import Markers
from mllint.facts.installs.project_builder import ProjectBuilder
from mllint.facts.installs.project_environments import project_environment
from mllint.facts.installs.requirement_files import RequirementReader
from mllint.facts.installs.source_projects import ProjectReader, SourceProject
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown
from mllint.parse.source import SourceFile

if TYPE_CHECKING:  # imported where a file of that kind is read
    from mllint.parse.locks import Lock

_VALUED = frozenset(
    "--python --requirements -r --index -i --pypi-mirror --categories --extra-pip-args".split()
)


def apply_pipenv(
    execution: Execution,
    state: StageState,
    group: int,
    reader: RequirementReader,
    locate: Callable[[str], Located | None],
) -> None:
    """Add what pipenv installs; a package that is named on its command line is not resolved."""
    options = read_options(execution, _VALUED)
    folder = execution.resolve(".")
    draft = project_environment(
        execution, Installer.PIPENV, state, folder if isinstance(folder, str) else None, None
    )
    builder = InstallBuilder(
        execution, Installer.PIPENV, state.index, group, InstallOptions(), draft
    )
    builder.platform = state.platform
    writer = ProjectBuilder(builder, ProjectReader(reader, locate, execution.location))
    if isinstance(folder, Unknown):
        reason: str | None = folder.reason
    elif len(options.words) > 1 or "-r" in options.values or "--requirements" in options.values:
        reason = "what pipenv installs is in a project or lock file"
    else:
        reason = _from_lock(writer, options, folder)
    if reason is not None:
        text = " ".join((execution.program, *execution.words))
        builder.add_opaque(execution.location, reason, text, locked=True)


def _from_lock(writer: ProjectBuilder, options: CommandOptions, folder: str) -> str | None:
    dev = options.has("--dev", "-d")
    source = writer.reader.read(posixpath.join(folder, "Pipfile.lock"))
    if isinstance(source, str):
        return source
    if source is None or options.has("--skip-lock"):
        return _from_pipfile(writer, folder, dev=dev)
    from mllint.parse.locks import read_lock

    lock = writer.reader.parsed(source, read_lock)
    if isinstance(lock, str):
        return lock
    writer.note_file(lock.path)
    categories = options.names("--categories")
    if isinstance(categories, Unknown):
        return f"a category of pipenv: {categories}"
    wanted = set(categories) or {"default", *(["dev"] if dev else [])}
    _add(writer, lock, {{"packages": "default", "dev-packages": "dev"}.get(w, w) for w in wanted})
    return None


def _add(writer: ProjectBuilder, lock: "Lock", wanted: set[str]) -> None:
    markers = Markers(writer.builder.draft.python, writer.builder.platform)
    seen: set[str] = set()
    for package in lock.packages:
        holds = markers.holds(package.marker)
        if holds is False or wanted.isdisjoint(package.groups or ()) or package.name in seen:
            continue
        seen.add(package.name)
        add_locked(writer.builder, lock.path, Reached(package, holds is True, direct=True))


def _from_pipfile(writer: ProjectBuilder, folder: str, *, dev: bool) -> str | None:
    """Without a lock: pipenv makes one, from what the Pipfile asks for."""
    source = writer.reader.read(posixpath.join(folder, "Pipfile"))
    if not isinstance(source, SourceFile):
        return source or f"no Pipfile in {folder} is copied from the build context"
    from mllint.parse.pipfile import read_pipfile

    found = writer.reader.parsed(source, read_pipfile)
    if isinstance(found, str):
        return found
    writer.note_file(found.path)
    primary, *others = (public_index(url) for url in found.indexes or ("",))
    extra = tuple(url for url in others if url is not None)
    writer.builder.indexes = Indexes(primary=primary or None, extra=extra)
    entries = (*found.packages, *(found.dev if dev else ()))
    writer.add(SourceProject(None, folder, found.path, entries))
    return None
