"""The stage that ships in, commands that make it larger, or that only seem to make it smaller, out.

Each instruction is a layer: what a later one deletes stays in the earlier one, and what a later
one changes is there twice.
"""

from collections.abc import Iterator
from enum import Enum

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Copy
from mllint.facts.commands.mounts import mount_options
from mllint.facts.installs.pip_installs import pip_arguments
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.stage_state import Run
from mllint.facts.system.system_packages import manager_verb
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

_CONDA = frozenset({"conda", "mamba", "micromamba"})
_CLEANING = frozenset({"clean", "autoclean", "autoremove"})
_MOST_COPIES = 100
_IDLE = frozenset({"echo", "true", ":", "cd", "set"})


class Cache(Enum):
    """What is left behind by an install."""

    APT_LISTS = "apt's package lists"
    PIP = "pip's cache"
    CONDA = "conda's packages"


class Waste(NamedTuple):
    """A command of no use, or that doubles files.

    cache: what it deletes too late; None for a `chown -R` of what `made` copied. made: the command
    or COPY that filled it, in an earlier layer. path: what is changed, "" for a cache.
    """

    execution: Execution
    cache: Cache | None
    made: Location
    path: str = ""


def layer_waste(project: Project, stage: Stage) -> Iterator[Waste]:
    """Each such command of the stage and those it is FROM, in order."""
    filled: dict[Cache, Location] = {}
    for ancestor in reversed(list(project.lineage(stage))):
        copied = _copied(ancestor)
        for run in ancestor.runs:
            yield from _late(run, filled)
            _fill(run, filled)
            for execution in run.executions:
                yield from _owners(execution, copied)


def _late(run: Run, filled: dict[Cache, Location]) -> Iterator[Waste]:
    """The deletions of a RUN that does nothing else."""
    cleanups = [(each, _cleans(each)) for each in run.executions if each.program not in _IDLE]
    if all(cache is not None or _only_deletes(each) for each, cache in cleanups):
        for execution, cache in cleanups:
            if cache is not None and cache in filled and manager_verb(execution) is None:
                yield Waste(execution, cache, filled.pop(cache))


def _only_deletes(execution: Execution) -> bool:
    return execution.program == "rm" or manager_verb(execution) in _CLEANING


def _fill(run: Run, filled: dict[Cache, Location]) -> None:
    """Note what the RUN leaves in its own layer."""
    if any(True for each in run.executions for _ in mount_options(each.instruction)):
        return
    cleaned = {_cleans(execution) for execution in run.executions}
    for execution in run.executions:
        cache = _makes(execution)
        if cache is not None and cache not in cleaned:
            filled.setdefault(cache, execution.location)


def _makes(execution: Execution) -> Cache | None:
    if execution.program in ("apt-get", "apt") and manager_verb(execution) == "update":
        return Cache.APT_LISTS
    pip = pip_arguments(execution)
    if pip is not None and pip[1] == "install" and pip[0].value == "pip":
        kept = "--no-cache-dir" not in execution.words and not execution.lookup("PIP_NO_CACHE_DIR")
        return Cache.PIP if kept else None
    if execution.program in _CONDA and execution.words[:1] in (("install",), ("create",)):
        return Cache.CONDA
    return None


def _cleans(execution: Execution) -> Cache | None:
    words = execution.words
    if execution.program in _CONDA and words[:1] == ("clean",):
        return Cache.CONDA
    if execution.program.startswith("pip") and words[:2] == ("cache", "purge"):
        return Cache.PIP
    if execution.program == "rm":
        if any(word.startswith("/var/lib/apt/lists") for word in words):
            return Cache.APT_LISTS
        if any(word.startswith(("/root/.cache", "~/.cache")) for word in words):
            return Cache.PIP
    return None


def _copied(stage: Stage) -> list[Copy]:
    """The last COPY instructions without --chown or --chmod; more of them are not looked at."""
    changed = {
        instruction.span
        for instruction in stage.instructions
        if instruction.flag("chown") is not None or instruction.flag("chmod") is not None
    }
    found = [
        copy
        for copy in stage.copies
        if isinstance(copy.destination, str) and copy.location.span not in changed
    ]
    return found[-_MOST_COPIES:]


def _owners(execution: Execution, copied: list[Copy]) -> Iterator[Waste]:
    """`chown -R app /app` of what a COPY without --chown brought."""
    words = execution.words
    recursive = any(word.startswith("-") and "R" in word for word in words)
    if execution.program not in ("chown", "chmod") or not recursive:
        return
    paths = [execution.resolve(word) for word in words if not word.startswith("-")][1:]
    for copy in reversed(copied):
        before = copy.location.span < execution.location.span
        below = f"{copy.destination}".rstrip("/") + "/"
        for path in paths if before else ():
            if isinstance(path, str) and below.startswith(path.rstrip("/") + "/") and path != "/":
                yield Waste(execution, None, copy.location, path)
                return
