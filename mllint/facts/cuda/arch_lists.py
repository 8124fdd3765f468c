"""A stage in, the lists of GPU architectures that its variables hold, and what is wrong there, out.

torch splits TORCH_CUDA_ARCH_LIST at semicolons and blanks and takes what is between them by name.
"""

import re
from collections.abc import Iterator
from enum import Enum

from mllint.facts.commands.executions import Execution
from mllint.facts.cuda.compiling import SourceBuild, compiler_calls, needs_nvcc, source_builds
from mllint.facts.cuda.toolkit import Nvcc, nvcc_of
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.regex import lazy
from mllint.tables import Tables

_NAME = "TORCH_CUDA_ARCH_LIST"
_ARCH = lazy(
    r"""
    (?P<major> \d+ ) \. (?P<minor> \d )   # 8.6
    [a-f]?                                # 9.0a: for this GPU and no later one
    (?: \+PTX )?
    """,
    re.VERBOSE,
)
# `Ampere`, `Common`: names that torch knows. What begins like this is meant as a number.
_NUMBER = lazy(r"\d|sm_|compute_")
# Read by compilers and by CMake for all that they build.
_GENERAL = ("CMAKE_CUDA_ARCHITECTURES", "CUDAARCHS")
# Images whose variables are known to name no architecture, though not all of them are known
# (github.com/pytorch/pytorch/blob/main/Dockerfile, 2026-11).
_NAMES_NONE = ("pytorch/pytorch",)


class ListFault(Enum):
    """Why torch or nvcc refuses a list."""

    SEPARATOR = "torch splits at semicolons and blanks only"
    FORM = "torch knows no such architecture"
    NVCC = "nvcc of this stage does not compile for it"


class FaultyList(NamedTuple):
    """A list with an item that is refused. used: something in the stage is certainly compiled.

    nvcc, lowest, highest: the compiler and what it compiles for, where that is the fault.
    """

    text: str
    item: str
    fault: ListFault
    location: Location
    used: bool
    nvcc: Nvcc | None = None
    lowest: int = 0
    highest: int = 0


def faulty_lists(project: Project, stage: Stage, tables: Tables) -> Iterator[FaultyList]:
    """The lists that hold in the stage and that are refused, each with its first bad item."""
    lists = list(_lists(project, stage))
    if not lists:
        return
    builds = [build for build in source_builds(stage, tables) if not build.tolerated]
    used = bool(builds) or any(call.program == "setup.py" for call in compiler_calls(stage))
    certain = any(build.certain and needs_nvcc(build) is True for build in builds)
    for text, location in lists:
        item, fault = _syntax_fault(text)
        if fault is not None:
            yield FaultyList(text, item, fault, location, used)
        elif used:
            yield from _not_compiled(project, stage, text, location, certain, tables)


def _lists(project: Project, stage: Stage) -> Iterator[tuple[str, Location]]:
    """Each value of the variable that the stage sets, or takes over, with its place."""
    for ancestor in project.lineage(stage):
        for variable in ancestor.variables:
            if variable.name == _NAME and isinstance(variable.value, str):
                yield variable.value, variable.location
    for execution in stage.executions:
        value = _set_by(execution)
        if value is not None:
            yield value, execution.location


def _set_by(execution: Execution) -> str | None:
    """The value in `TORCH_CUDA_ARCH_LIST=8.0 pip install …` or `export TORCH_CUDA_ARCH_LIST=…`."""
    if any(name == _NAME for name, _ in execution.command.assignments):
        value = execution.lookup(_NAME)
        return value if isinstance(value, str) else None
    if execution.program == "export":
        for argument in execution.arguments:
            if isinstance(argument.value, str) and argument.value.startswith(f"{_NAME}="):
                return argument.value.partition("=")[2]
    return None


def _syntax_fault(text: str) -> tuple[str, ListFault | None]:
    if "," in text:
        return text, ListFault.SEPARATOR
    for item in text.replace(";", " ").split():
        if _NUMBER.match(item) and not _ARCH.fullmatch(item):
            return item, ListFault.FORM
    return "", None


def _not_compiled(
    project: Project, stage: Stage, text: str, location: Location, certain: bool, tables: Tables
) -> Iterator[FaultyList]:
    nvcc = nvcc_of(project, stage)
    if not isinstance(nvcc, Nvcc) or isinstance(nvcc.version, Unknown):
        return
    row = tables.gpus.nvcc_archs(nvcc.version)
    if row is None:
        return
    for item in text.replace(";", " ").split():
        match = _ARCH.fullmatch(item)
        if match and not row.lowest <= int(match["major"] + match["minor"]) <= row.highest:
            fault = ListFault.NVCC
            yield FaultyList(text, item, fault, location, certain, nvcc, row.lowest, row.highest)
            return


def builds_without_list(stage: Stage, tables: Tables) -> Iterator[SourceBuild]:
    """The builds that certainly call nvcc for the GPU that is there: no variable names others."""
    for build in source_builds(stage, tables):
        run = build.execution
        if run is None or not build.certain or build.tolerated or not build.needs.arch_variables:
            continue
        on_device = run.instruction.flag("device") is not None
        if on_device or needs_nvcc(build) is not True:
            continue
        if all(_is_unset(run, stage, name) for name in (*build.needs.arch_variables, *_GENERAL)):
            yield build


def _is_unset(run: Execution, stage: Stage, name: str) -> bool:
    value = run.lookup(name)
    if value is None:
        return True
    named = name in stage.env or any(variable.name == name for variable in stage.variables)
    return isinstance(value, Unknown) and not named and stage.base.reference.name in _NAMES_NONE
