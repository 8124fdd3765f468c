"""A project in, the editable installs of the image that ships, and what becomes of their source."""

from collections.abc import Iterator
from enum import Enum

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import ContextFile, Copy, locate
from mllint.facts.commands.start_folder import START_FOLDER
from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.stage import EnvironmentCopy, Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

_LIMIT = 100  # of one stage: each is looked for among all that is copied


class SourceState(Enum):
    """Where the source of an editable install is when the image runs."""

    COPIED = "in the image"
    MOUNTED = "in a bind mount of the build"
    LEFT = "in another stage"


class Editable(NamedTuple):
    """One editable install. folder: of its source. command: what installs it. copy: for LEFT."""

    stage: Stage
    install: Install
    command: Execution
    folder: str
    state: SourceState
    copy: Location | None = None


def editables(project: Project) -> Iterator[Editable]:
    """Those whose environment the target holds, and whose source comes from the build context."""
    if project.target is None:
        return
    for stage in project.lineage(project.target):
        for install, run, folder in _own_editables(stage):
            state = _state(project, stage, folder, run)
            if state is not None:
                yield Editable(stage, install, run, folder, state)
        for copied in stage.environment_copies:
            yield from _left_behind(project, stage, copied)


def _own_editables(stage: Stage) -> Iterator[tuple[Install, Execution, str]]:
    """(install, command, folder) of each editable project that this stage's commands install."""
    runs = {execution.location: execution for execution in stage.executions}
    count = 0
    for environment in stage.environments:
        for install in environment.installs:
            run = runs.get(install.command)
            if run is None or install.stage != stage.index or install.uninstall:
                continue
            folder = _folder(install, run)
            if folder is not None and count < _LIMIT:
                count += 1
                yield install, run, folder


def _folder(install: Install, run: Execution) -> str | None:
    """The folder of the source; None for what is no folder, or not an editable install."""
    url = (install.url or "").removeprefix("file://")
    elsewhere = install.locked and bool({"--project", "--directory"} & set(run.words))
    if not install.editable or elsewhere or not url or "://" in url:
        return None
    folder = run.resolve(url.partition("[")[0])
    return folder if isinstance(folder, str) and folder not in ("/", START_FOLDER) else None


def _state(project: Project, stage: Stage, folder: str, run: Execution) -> SourceState | None:
    """Where that source is; None when another command may have brought it, as a clone does."""
    copies = [copy for each in project.lineage(stage) for copy in each.copies]
    found = locate(folder, stage.layers, project.context, lambda i: project.stages[i].layers)
    if isinstance(found, ContextFile):
        return SourceState.COPIED
    if any(_touches(copy, folder) for copy in copies) or _is_written(stage, folder):
        return None
    mounts = [
        copy
        for each in stage.runs
        if each.location.span == run.instruction.span
        for copy in each.read_only
    ]
    if any(copy.from_context and copy.destination == folder for copy in mounts):
        return SourceState.MOUNTED
    return None


def _left_behind(project: Project, stage: Stage, copied: EnvironmentCopy) -> Iterator[Editable]:
    """The editable installs of an environment that was copied, whose source was not."""
    prefix = copied.environment_prefix
    there = [copy for each in project.lineage(stage) for copy in each.copies]
    origin = project.stages[copied.from_stage]
    installed = set(map(id, copied.source_environment.installs))
    for install, run, folder in _own_editables(origin):
        if id(install) not in installed or any(_brings(copy, folder, prefix) for copy in there):
            continue
        if not _is_written(stage, folder):
            yield Editable(stage, install, run, folder, SourceState.LEFT, copied.location)


def _brings(copy: Copy, folder: str, prefix: str) -> bool:
    """Whether a COPY puts something there, beside the environment itself."""
    destination = copy.destination
    own = isinstance(destination, str) and destination.rstrip("/") == prefix
    return not own and _touches(copy, folder)


def _touches(copy: Copy, folder: str) -> bool:
    destination = copy.destination
    if not isinstance(destination, str):
        return True
    place = destination.rstrip("/")
    return place == folder or folder.startswith(place + "/") or place.startswith(folder + "/")


def _is_written(stage: Stage, folder: str) -> bool:
    """Whether a command, such as `git clone`, makes that folder."""
    return any(
        not isinstance(layer, Copy)
        and (not isinstance(layer.path, str) or layer.path.rstrip("/") == folder)
        for layer in stage.layers
    )
