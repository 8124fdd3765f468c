"""A stage in, the requirement files that its pip commands read and that are not there, out."""

import posixpath
from collections.abc import Iterator
from enum import Enum

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Context, ContextFile, Copy, Written, locate
from mllint.facts.commands.missing_sources import may_be_made
from mllint.facts.installs.install import AbsentFile, RequirementFault
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile.flags import nearest
from mllint.parse.source import Location

# Programs that put no requirement file into the folder they run in.
_HARMLESS = frozenset(
    """
    apt-get apt aptitude apk yum dnf microdnf dpkg add-apt-repository update-alternatives pip pip3
    python python3 conda mamba echo printf mkdir rm rmdir chmod chown ls cd set export true false
    test [ [[ : exit useradd adduser groupadd usermod ldconfig locale-gen ln sed which whoami id pwd
    source . env curl wget git find date tee uname nvcc nvidia-smi apt-mark apt-key
    debconf-set-selections
    """.split()
)
_PYTHON_MODULES = ("pip", "venv", "ensurepip", "virtualenv")


class Absence(Enum):
    """Why a file of the context is not there when pip reads it."""

    LATER = "it is copied behind the command"
    IGNORED = ".dockerignore leaves it out"
    NEVER = "nothing copies it"
    MISSPELT = "the context has one of nearly that name"


class AbsentRequirements(NamedTuple):
    """A requirement file that pip does not find, though the context has it, or nearly so.

    source: its path in the context, or that of the one that is meant. later: the COPY that brings
    it too late. included: another requirements file names it, and was copied without it.
    """

    fault: RequirementFault
    file: AbsentFile
    absence: Absence
    source: str
    later: Location | None
    included: bool


def absent_requirements(project: Project, stage: Stage) -> Iterator[AbsentRequirements]:
    """Each file that pip certainly does not find in this stage, in order."""
    context = project.context
    if context is None or not context.certain:
        return
    for fault in stage.requirement_faults:
        file = fault.absent
        if file is None or fault.execution.conditional or fault.execution.tolerated:
            continue
        included = fault.location.path != project.path
        source = _in_context(context, file, fault, included=included)
        if source is None and not included:
            yield from _misspelt(project, stage, fault, file)
            continue
        if source is None or _may_come_from_elsewhere(file.path, stage):
            continue
        later = _copied_later(file.path, stage, context)
        if later is not None:
            absence = Absence.LATER
        elif context.ignore.excluded(source):
            absence = Absence.IGNORED
        else:
            absence = Absence.NEVER
        if absence is Absence.NEVER and not included and _is_doubtful(project, stage, fault):
            continue
        yield AbsentRequirements(fault, file, absence, source, later, included)


def _in_context(
    context: Context, file: AbsentFile, fault: RequirementFault, *, included: bool
) -> str | None:
    """The file of the context that is meant, None when there is none."""
    if included:
        holder = context.relative(fault.location.path)
        if holder is None or posixpath.isabs(file.written):
            return None
        source = posixpath.normpath(posixpath.join(posixpath.dirname(holder), file.written))
        return source if not source.startswith("..") and context.holds(source) else None
    parts = [part for part in posixpath.normpath(file.written).split("/") if part not in ("", "..")]
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((tail for tail in tails if context.holds(tail) and not context.is_dir(tail)), None)


def _misspelt(
    project: Project, stage: Stage, fault: RequirementFault, file: AbsentFile
) -> Iterator[AbsentRequirements]:
    """`-r requirement.txt` beside a requirements.txt: no file of the name that pip is given."""
    context = project.context
    folder, name = posixpath.split(posixpath.normpath(file.path))
    if context is None or _may_come_from_elsewhere(file.path, stage):
        return
    if _is_doubtful(project, stage, fault) or _is_copied_by_name(name, stage):
        return
    for beside in _put_there(folder, stage, context):
        names = context.files.children(context.folder / beside)
        near = nearest(name, (each for each in names if not _is_variant(each, name)))
        source = posixpath.join(beside, near or "")
        wanted = posixpath.join(beside, name)
        if near and not context.is_dir(source) and not may_be_made(project, context, wanted):
            yield AbsentRequirements(fault, file, Absence.MISSPELT, source, None, False)
            return


def _is_variant(one: str, other: str) -> bool:
    """`requirements-cpu.txt` and `-gpu`, `py38` and `py39`: no slip of the pen."""
    return len(one) == len(other) and sorted(one) != sorted(other)


def _is_copied_by_name(name: str, stage: Stage) -> bool:
    """`COPY requirement.txt .`: it may be put into the context before the build."""
    sources = (source for copy in stage.copies for source in copy.sources)
    return any(isinstance(s, Unknown) or posixpath.basename(s) == name for s in sources)


def _put_there(folder: str, stage: Stage, context: Context) -> Iterator[str]:
    """The folders of the context whose content, or a file of it, lands in `folder`."""
    for layer in stage.layers:
        if not isinstance(layer, Copy) or not layer.from_context or layer.parents:
            continue
        place = layer.destination
        for source in layer.sources:
            if not isinstance(source, str) or not isinstance(place, str):
                continue
            inside = posixpath.normpath("/" + source).lstrip("/")
            if posixpath.normpath(place) == folder:
                yield inside if context.is_dir(inside) else posixpath.dirname(inside)


def _may_come_from_elsewhere(path: str, stage: Stage) -> bool:
    """Whether another stage or image, or a command whose target is not known, may bring it."""
    for layer in stage.layers:
        if isinstance(layer, Written):
            if isinstance(layer.path, Unknown):
                return True
        elif not layer.from_context and _covers(layer, path):
            return True
    return False


def _covers(copy: Copy, path: str) -> bool:
    place = copy.destination
    return not isinstance(place, str) or path.startswith(place.rstrip("/") + "/") or path == place


def _copied_later(path: str, stage: Stage, context: Context) -> Location | None:
    """The COPY of the whole stage that puts the file there; at the command it did not yet."""
    for position, layer in enumerate(stage.layers):
        if isinstance(layer, Copy) and layer.from_context:
            found = locate(path, stage.layers[position : position + 1], context, lambda _: ())
            if isinstance(found, ContextFile):
                return layer.location
    return None


def _is_doubtful(project: Project, stage: Stage, fault: RequirementFault) -> bool:
    """Whether the base image, or a command before, may hold or make the file unseen."""
    if isinstance(stage.base.distro, Unknown):
        return True
    for ancestor in project.lineage(stage):
        if any(run.skipped is not None for run in ancestor.runs):
            return True
        for execution in ancestor.executions:
            if execution is fault.execution:
                break
            name = posixpath.basename(fault.absent.path) if fault.absent else ""
            if not _is_harmless(execution) or any(name in word for word in execution.words):
                return True
    return False


def _is_harmless(execution: Execution) -> bool:
    program, words = execution.program, execution.words
    if program.startswith("python"):
        return words[:1] == ("-m",) and words[1:2] != () and words[1] in _PYTHON_MODULES
    if program in ("source", "."):
        return bool(words) and words[0].endswith("/activate")
    return program in _HARMLESS or program.startswith("pip")
