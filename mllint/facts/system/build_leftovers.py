"""What a stage keeps of its own build: compilers, headers and checkouts, with their lines."""

import posixpath
from collections.abc import Iterator
from enum import Enum

from mllint.facts.commands.clones import read_clone
from mllint.facts.commands.executions import Execution
from mllint.facts.commands.start_folder import starts_unknown
from mllint.facts.cuda.compiling import compiler_calls, source_builds
from mllint.facts.cuda.toolkit import unseen_source
from mllint.facts.cuda.uses import unread_install
from mllint.facts.installs.pip_installs import pip_arguments
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.builds import Need
from mllint.tables.packages import Role


class LeftoverKind(Enum):
    """What sort of thing stays behind."""

    COMPILER = "compiler"
    HEADERS = "headers"
    CHECKOUT = "source checkout"


class Leftover(NamedTuple):
    """One thing that the image keeps and that a build needs: its name as written, and its line."""

    kind: LeftoverKind
    name: str
    location: Location


class CompileStep(NamedTuple):
    """A command of the stage that compiles: the program or package, and where.

    calls: `what` is the program that runs (`make`), not the package that it builds.
    """

    what: str
    location: Location
    calls: bool


def compile_steps(project: Project, stage: Stage, tables: Tables) -> tuple[CompileStep, ...]:
    """What the stage and those it is FROM certainly compile, in file order."""
    steps = []
    for ancestor in reversed(list(project.lineage(stage))):
        for call in compiler_calls(ancestor):
            steps.append(CompileStep(call.program, call.location, calls=True))
        for build in source_builds(ancestor, tables):
            if build.certain and build.needs.compiler is Need.YES:
                steps.append(CompileStep(build.name, build.location, calls=False))
    return tuple(steps)


def compiles_at_run_time(project: Project, stage: Stage, tables: Tables) -> str | Unknown | None:
    """The package for which a compiler in the image may be wanted, None when there is none.

    Unknown when the base image, or an install that was not read, may have brought one.
    """
    users = tables.packages.python(Role.COMPILES_C)
    unknown: Unknown | None = None
    for ancestor in project.lineage(stage):
        for build in source_builds(ancestor, tables):
            if build.needs.torch_first is Need.YES:
                return "torch"  # it comes with the extension, whether or not a line says so
    for environment in stage.environments:
        for install in environment.of(*users):
            return install.name
        if isinstance(environment.preinstalled, Unknown):
            unknown = environment.preinstalled
            continue
        for package in environment.preinstalled:
            if package.name in users:
                return package.name
    return unknown or unread_install(stage) or unseen_source(project, stage, "torch")


def leftovers(project: Project, stage: Stage, tables: Tables) -> tuple[Leftover, ...]:
    """Compilers, headers and checkouts that the stage's own file put in and never took out."""
    return (*_tool_packages(stage, tables), *_checkouts(project, stage))


def _tool_packages(stage: Stage, tables: Tables) -> Iterator[Leftover]:
    removed = {package.name for package in stage.packages if package.removed}
    purging = _purging_by_mark(stage)
    held = stage.base.commands
    for package in stage.packages:
        kept = package.name not in removed and (package.virtual or "") not in removed
        if package.removed or not kept or id(package.execution.instruction) in purging:
            continue
        if not isinstance(held, Unknown) and package.commands and held >= set(package.commands):
            continue  # `python:3.11` has gcc and make: without the package they are still there
        kind = tool_kind(package.name, tables)
        if kind is not None:
            yield Leftover(kind, package.name, package.location)


def tool_kind(name: str, tables: Tables) -> LeftoverKind | None:
    """Whether a distribution package is a compiler or headers, None for anything else."""
    if tables.packages.is_system(name, Role.COMPILER):
        return LeftoverKind.COMPILER
    if tables.packages.is_system(name, Role.HEADERS):
        return LeftoverKind.HEADERS
    return None


def _purging_by_mark(stage: Stage) -> set[int]:
    """`apt-mark auto '.*' …; apt-get purge --auto-remove` takes out what is not named.

    The ids of the instructions that do so.
    """
    return {
        id(execution.instruction)
        for execution in stage.executions
        if execution.program == "apt-mark" or "autoremove" in execution.words
    }


def _checkouts(project: Project, stage: Stage) -> Iterator[Leftover]:
    for ancestor in reversed(list(project.lineage(stage))):
        done = list(ancestor.executions)
        for position, execution in enumerate(done):
            folder = _cloned_folder(execution)
            if folder is None or _is_used(folder, stage):
                continue
            later = done[position + 1 :]
            if _is_removed(folder, later) or not _is_installed_from(folder, later):
                continue
            yield Leftover(LeftoverKind.CHECKOUT, folder, execution.location)


def _cloned_folder(execution: Execution) -> str | None:
    """The absolute folder of a `git clone`, None for other commands or an unknown folder."""
    clone = read_clone(execution)
    if clone is None or execution.conditional:
        return None
    folder = execution.resolve(clone.folder)
    return folder if isinstance(folder, str) else None


def _is_removed(folder: str, later: list[Execution]) -> bool:
    for execution in later:
        if execution.program not in ("rm", "mv"):
            continue
        for word in execution.words:
            if word.startswith("-"):
                continue
            path = execution.resolve(word.rstrip("/*"))
            if isinstance(path, Unknown):  # `pushd x && make install; popd; rm -rf x`
                path = posixpath.join(posixpath.dirname(folder), word.rstrip("/*"))
            if _covers(path, folder):
                return True
    return False


def _is_installed_from(folder: str, later: list[Execution]) -> bool:
    """Whether a later command builds in the checkout and installs the result outside of it."""
    for execution in later:
        words = execution.words
        if execution.program in ("make", "ninja", "cmake"):
            if {"install", "--install"} & set(words) and _works_in(folder, execution):
                return True
        elif execution.program.startswith("python") and words[:1] == ("setup.py",):
            if "install" in words and _works_in(folder, execution):
                return True
        elif _installs_project(folder, execution):
            return True
    return False


def _works_in(folder: str, execution: Execution) -> bool:
    """Whether a command runs in the folder or names a path in it: `make -C /src/x install`."""
    paths = (execution.workdir, *(execution.resolve(word) for word in execution.words))
    return any(isinstance(path, str) and _covers(folder, path) for path in paths)


def _installs_project(folder: str, execution: Execution) -> bool:
    """`pip install .` in the checkout, or `pip install ./checkout`; not editable."""
    pip = pip_arguments(execution)
    if pip is None or pip[1] != "install":
        return False
    words = [argument.text for argument in pip[2]]
    if {"-e", "--editable"} & set(words):
        return False
    for word in words:
        if word.startswith((".", "/")) and not word.endswith((".txt", ".whl")):
            path = execution.resolve(word.partition("[")[0])
            if isinstance(path, str) and _covers(folder, path):
                return True
    return False


def _is_used(folder: str, stage: Stage) -> bool:
    """Whether what the image starts, or its variables, refer to the folder."""
    if isinstance(stage.workdir, Unknown) or starts_unknown(folder):
        return True
    if _covers(folder, stage.workdir):
        return True
    name = posixpath.basename(folder)
    texts = [entry.text for entry in stage.entry]
    texts.extend(value for value in stage.env.values() if isinstance(value, str))
    return any(name in text for text in texts)


def _covers(folder: str, path: str) -> bool:
    folder = posixpath.normpath(folder)
    return path == folder or path.startswith(folder.rstrip("/") + "/")
