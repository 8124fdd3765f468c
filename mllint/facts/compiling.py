"""What a stage compiles while it is built: extensions from source, and compilers it calls."""

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from mllint.facts.environment import Environment
from mllint.facts.executions import Execution
from mllint.facts.installs import Install, Installer
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.builds import BuildNeeds, Need, WheelSource

_REPOSITORY = re.compile(
    r"""
    (?: git\+ )? (?: https?:// | ssh:// | git@ ) (?: [^/@]+@ )?
    github\.com [/:] (?P<repository> [\w.-]+/[\w.-]+? )
    (?: \.git )? (?: [@\#?/] .* )?$
    """,
    re.VERBOSE,
)
# Programs that compile (or drive a compiler) when they are run.
_COMPILERS = frozenset(
    {"gcc", "g++", "cc", "c++", "clang", "clang++", "nvcc", "make", "cmake", "ninja", "meson"}
    | {"bazel", "bazelisk", "cargo", "go", "rustc", "gfortran"}
)


class SourceBuild(NamedTuple):
    """A Python package that an install compiles from source.

    needs: what the tables say its build takes. install: None when `python setup.py` builds it.
    certain: no ready-made wheel can serve it.
    """

    name: str
    needs: BuildNeeds
    location: Location
    install: Install | None
    environment: Environment
    certain: bool


class CompilerCall(NamedTuple):
    """A RUN command that compiles: `nvcc`, `make`, `python setup.py install`."""

    program: str
    execution: Execution
    location: Location


def source_builds(stage: Stage, tables: Tables) -> Iterator[SourceBuild]:
    """The packages that this stage's own commands compile, as far as the tables know them."""
    for environment in stage.environments:
        for install in environment.installs:
            if install.stage != stage.index or install.uninstall:
                continue
            if install.installer is Installer.CONDA:
                continue
            build = _source_build(install, environment, tables)
            if build is not None:
                yield build


def repository_of(url: str) -> str | None:
    """`owner/name` of a GitHub address, None for any other."""
    match = _REPOSITORY.match(url)
    return match["repository"] if match else None


def _source_build(install: Install, environment: Environment, tables: Tables) -> SourceBuild | None:
    url = install.url or ""
    if url.partition("#")[0].partition("?")[0].endswith(".whl"):
        return None
    repository = repository_of(url)
    if repository is not None:
        needs = tables.builds.from_repository(repository)
        name = install.name or posixpath.basename(repository)
        if needs is None:
            return None
        return SourceBuild(name, needs, install.location, install, environment, certain=True)
    if install.name is None or url:
        return None
    needs = tables.builds.needs(install.name)
    if needs is None or _may_use_wheel(install, needs):
        return None
    certain = needs.wheels is None
    return SourceBuild(install.name, needs, install.location, install, environment, certain)


def _may_use_wheel(install: Install, needs: BuildNeeds) -> bool:
    """Whether an install by name takes a ready-made wheel instead of compiling."""
    forced = install.options.no_binary
    if ":all:" in forced or install.name in forced:
        return False
    if needs.wheels is WheelSource.PYPI:
        return True
    if install.options.only_binary:
        return True
    indexes = install.indexes
    if needs.wheels is WheelSource.FIND_LINKS:
        return bool(indexes.find_links or indexes.extra) or not indexes.is_known
    # A private or unknown index may serve a wheel of anything.
    return not indexes.is_known or (indexes.primary is not None and bool(indexes.primary))


def compiler_calls(stage: Stage) -> Iterator[CompilerCall]:
    """The commands of this stage that compile something when they run."""
    for execution in stage.executions:
        program = execution.program
        words = execution.words
        if program in _COMPILERS:
            if words[:1] not in (("--version",), ("-v",), ("-V",)):
                yield CompilerCall(program, execution, execution.location)
        elif (
            program.startswith("python")
            and any(posixpath.basename(word) == "setup.py" for word in words[:2])
            and {"install", "develop", "build", "build_ext", "bdist_wheel"} & set(words)
        ):
            yield CompilerCall("setup.py", execution, execution.location)


def needs_nvcc(build: SourceBuild) -> bool | Unknown:
    """Whether a source build calls nvcc; Unknown when that hangs on a wheel or an option."""
    if build.needs.nvcc is Need.YES:
        return True
    if build.needs.nvcc is Need.NO:
        return False
    return Unknown(f"{build.name} compiles CUDA code only under conditions")
