"""Environments copied from another stage in, what of them does not hold in the new stage out.

A virtual environment is a link to an interpreter, a folder `lib/pythonX.Y` and scripts that name
the environment's own path. Answers only where both stages are known.
"""

from collections.abc import Iterator
from enum import Enum

from mllint.facts.commands.entry import started_program
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.environments.programs import is_interpreter
from mllint.facts.environments.stage_pythons import stage_pythons
from mllint.facts.environments.unread_pythons import brings_python, changes_python
from mllint.facts.images.base_image import Libc, Origin, Python
from mllint.facts.project import Project
from mllint.facts.stage import EnvironmentCopy, Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.regex import lazy

_MINOR_FOLDER = lazy(r"/lib(?:64)?/python(?P<minor>3\.\d+)(?:/|$)")
NO_PYTHON = "no Python"  # what a stage without any interpreter has
_OPTIONS = ("--relocatable", "--copies", "--always-copy")


class Fault(Enum):
    """What does not hold."""

    INTERPRETER = "the interpreter it links to is not there"
    MINOR = "another minor version of Python reads it"
    LIBC = "its compiled modules are for another C library"
    PATH = "its scripts name the path it was made at"


class MovedEnvironment(NamedTuple):
    """One fault of a copied environment; wanted, found: the two facts, in words for a message."""

    copy: EnvironmentCopy
    fault: Fault
    wanted: str
    found: str


def moved_environments(project: Project, stage: Stage) -> Iterator[MovedEnvironment]:
    """The faults of the environments that this stage's own COPY instructions bring, one each."""
    for copy in stage.environment_copies:
        made = project.stages[copy.from_stage]
        found = _libc(copy, made, stage)
        if found is None and not _is_mended(project, stage, copy):
            found = _interpreter(project, copy, made, stage) or _path(copy, made)
        if found is not None:
            yield found


def _libc(copy: EnvironmentCopy, made: Stage, stage: Stage) -> MovedEnvironment | None:
    old, new = made.base.libc, stage.base.libc
    if not isinstance(old, Libc) or not isinstance(new, Libc) or old.name == new.name:
        return None
    return MovedEnvironment(copy, Fault.LIBC, old.name, new.name)


def _is_mended(project: Project, stage: Stage, copy: EnvironmentCopy) -> bool:
    """Whether a command of the new stage may put the environment, or a Python, right."""
    return any(
        changes_python(run, copy.environment_prefix)
        for ancestor in project.lineage(stage)
        for run in ancestor.executions
    )


def _interpreter(
    project: Project, copy: EnvironmentCopy, made: Stage, stage: Stage
) -> MovedEnvironment | None:
    kind = copy.source_environment.kind
    copies = [item for ancestor in project.lineage(stage) for item in ancestor.copies]
    own = (copy.source, copy.environment_prefix)
    if kind is EnvironmentKind.CONDA or any(brings_python(item, own) for item in copies):
        return None
    pythons = stage_pythons(stage)
    if isinstance(pythons, Unknown):
        return None
    if kind is not EnvironmentKind.VENV:
        # An image without any Python may be a stage on the way: what it starts tells.
        runs = stage is project.target and is_interpreter(started_program(stage))
        return _packages_folder(copy, pythons) if pythons or runs else None
    wanted = _wanted(copy, made) if _is_whole(copy) else None
    if wanted is None or _made_with(copy, made, *_OPTIONS):
        return None
    if wanted.origin is Origin.UV:
        return _managed(copy, made, wanted)
    there = [python for python in pythons if python.prefix == wanted.prefix]
    if any(python.minor == wanted.minor for python in there):
        return None
    minor = f"Python {wanted.minor} in {wanted.prefix}"
    if there:
        found = f"Python {there[0].minor} in {there[0].prefix}"
        return MovedEnvironment(copy, Fault.MINOR, minor, found)
    found = f"Python {pythons[0].minor} in {pythons[0].prefix}" if pythons else NO_PYTHON
    return MovedEnvironment(copy, Fault.INTERPRETER, minor, found)


def _is_whole(copy: EnvironmentCopy) -> bool:
    """Whether all of the environment is copied, not only a folder below its `lib`."""
    prefix = copy.source_environment.prefix
    return isinstance(prefix, str) and (prefix + "/").startswith(copy.source.rstrip("/") + "/")


def _wanted(copy: EnvironmentCopy, made: Stage) -> Python | None:
    """The interpreter that the environment links to; None when that is not certain."""
    python = copy.source_environment.python
    if not isinstance(python, Python):
        return None
    if python.origin is Origin.CONDA:
        return None
    pythons = stage_pythons(made)
    if isinstance(pythons, Unknown):
        return None
    # A version was asked for: uv and virtualenv take an interpreter that is there already.
    same = [item for item in pythons if item.minor == python.minor]
    if same:
        return None if len(same) > 1 else same[0]
    return python if python.origin is Origin.UV else None


def _managed(copy: EnvironmentCopy, made: Stage, wanted: Python) -> MovedEnvironment | None:
    """The interpreter is one that uv downloaded: its folder has to be copied as well."""
    folder = made.env.get("UV_PYTHON_INSTALL_DIR", "/root/.local/share/uv/python")
    off = made.env.get("UV_PYTHON_DOWNLOADS", "")
    if isinstance(folder, Unknown) or off in ("0", "never", "manual") or made.user != "root":
        return None
    return MovedEnvironment(
        copy, Fault.INTERPRETER, f"Python {wanted.minor} in {folder}", "no copy of it"
    )


def _packages_folder(copy: EnvironmentCopy, pythons: tuple[Python, ...]) -> MovedEnvironment | None:
    """`COPY --from=build /usr/local/lib/python3.10/site-packages …` into another Python."""
    match = _MINOR_FOLDER.search(copy.destination) or _MINOR_FOLDER.search(copy.source)
    minor = match["minor"] if match else None
    python = copy.source_environment.python
    if copy.source.endswith("/.local") and isinstance(python, Python):
        minor = python.minor
    if minor is None or any(python.minor == minor for python in pythons):
        return None
    found = f"Python {pythons[0].minor} in {pythons[0].prefix}" if pythons else NO_PYTHON
    return MovedEnvironment(copy, Fault.MINOR, f"Python {minor}", found)


def _path(copy: EnvironmentCopy, made: Stage) -> MovedEnvironment | None:
    environment = copy.source_environment
    old, new = environment.prefix, copy.environment_prefix
    if isinstance(old, Unknown) or environment.kind is not EnvironmentKind.VENV:
        return None
    if (
        old == new
        or not _is_whole(copy)
        or environment.created is None
        or _made_with(copy, made, "--relocatable")
    ):
        return None
    return MovedEnvironment(copy, Fault.PATH, old, new)


def _made_with(copy: EnvironmentCopy, made: Stage, *options: str) -> bool:
    """Whether the command that made the environment, or a variable, has one of the options."""
    created = copy.source_environment.created
    relocatable = made.env.get("UV_VENV_RELOCATABLE")
    if "--relocatable" in options and relocatable not in (None, "", "0", "false"):
        return True
    return any(
        run.location == created and any(option in run.words for option in options)
        for run in made.executions
    )
