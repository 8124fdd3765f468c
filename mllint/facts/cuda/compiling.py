"""What a stage compiles while it is built: extensions from source, and compilers it calls."""

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from mllint.facts.commands.clones import read_clone
from mllint.facts.commands.executions import Execution
from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install, Installer
from mllint.facts.installs.pip_installs import pip_arguments
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.ready_made import lacks_ready_made
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.regex import lazy
from mllint.tables import Tables
from mllint.tables.builds import BuildNeeds, Need, WheelSource

_PYTORCH_INDEX = "https://download.pytorch.org/"
_REPOSITORY = lazy(
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
    certain: no ready-made wheel can serve it. execution: the command, None for one of a stage that
    this one is FROM.
    """

    name: str
    needs: BuildNeeds
    location: Location
    install: Install | None
    environment: Environment
    certain: bool
    execution: Execution | None = None

    @property
    def tolerated(self) -> bool:
        """Whether it may not run, or may fail without stopping the build."""
        run, install = self.execution, self.install
        if run is not None and (run.conditional or run.tolerated):
            return True
        return install is not None and install.conditional


class CompilerCall(NamedTuple):
    """A RUN command that compiles: `nvcc`, `make`, `python setup.py install`."""

    program: str
    execution: Execution
    location: Location


def source_builds(stage: Stage, tables: Tables) -> Iterator[SourceBuild]:
    """The packages that this stage's own commands compile, as far as the tables know them."""
    commands = {execution.location: execution for execution in stage.executions}
    for environment in stage.environments:
        for install in environment.installs:
            if install.stage != stage.index or install.uninstall:
                continue
            if install.installer is Installer.CONDA:
                continue
            command = commands.get(install.command)
            build = _source_build(install, environment, command, tables)
            if build is not None:
                lacking = lacks_ready_made(install, environment, stage, tables)
                yield build._replace(certain=True) if lacking else build
    yield from _checkout_builds(stage, tables)


def repository_of(url: str) -> str | None:
    """`owner/name` of a GitHub address, None for any other."""
    match = _REPOSITORY.match(url)
    return match["repository"] if match else None


def _source_build(
    install: Install, environment: Environment, command: Execution | None, tables: Tables
) -> SourceBuild | None:
    url = install.url or ""
    if url.partition("#")[0].partition("?")[0].endswith(".whl"):
        return None
    repository = repository_of(url)
    if repository is not None:
        needs = tables.builds.from_repository(repository)
        name = install.name or posixpath.basename(repository)
    elif install.name is None or url:
        return None
    else:
        needs, name = tables.builds.needs(install.name), install.name
        if needs is None or _may_use_wheel(install, needs):
            return None
    if needs is None:
        return None
    build = SourceBuild(
        name, needs, install.location, install, environment, certain=True, execution=command
    )
    if needs.wheels is WheelSource.GITHUB_RELEASE:
        # Its setup.py takes a wheel of the release that the checkout calls itself.
        return build._replace(certain=_switched(needs.source_if, build) is True)
    return build


def _checkout_builds(stage: Stage, tables: Tables) -> Iterator[SourceBuild]:
    """`git clone …/apex && cd apex && pip install .`, or `python setup.py install` in it."""
    folders: dict[str, BuildNeeds] = {}
    for execution in stage.executions:
        clone = read_clone(execution)
        if clone is not None:
            repository = repository_of(clone.address)
            folder = execution.resolve(clone.folder)
            needs = tables.builds.from_repository(repository) if repository else None
            if needs is not None and isinstance(folder, str):
                folders[folder] = needs
            continue
        for place, location in _built_folders(execution):
            needs = next((n for folder, n in folders.items() if _is_below(place, folder)), None)
            environment = _environment_of(execution, stage)
            if needs is not None and environment is not None:
                build = SourceBuild(
                    needs.distribution, needs, location, None, environment, True, execution
                )
                fetched = needs.wheels is WheelSource.GITHUB_RELEASE and place in folders
                certain = not fetched or _switched(needs.source_if, build) is True
                yield build._replace(certain=certain)


def _built_folders(execution: Execution) -> Iterator[tuple[str, Location]]:
    """The folders whose project one command builds, each with the word that says so."""
    pip = pip_arguments(execution)
    if pip is not None and pip[1] == "install":
        editable = False
        for argument in pip[2]:
            text = argument.text.partition("[")[0]
            place = execution.resolve(text)
            # `-e detectron2_repo` is a folder, `detectron2_repo` alone a name to ask an index for.
            if (editable or text.startswith(".") or "/" in text) and isinstance(place, str):
                location = Location(execution.location.path, argument.word.span)
                yield posixpath.normpath(place), location
            editable = text in ("-e", "--editable")
    elif _runs_setup(execution) and isinstance(execution.workdir, str):
        script = execution.resolve(execution.words[0])
        if isinstance(script, str):
            yield posixpath.dirname(script), execution.location


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _environment_of(execution: Execution, stage: Stage) -> Environment | None:
    """Where a build from a checkout lands: where its command installs, or the only place."""
    used = [environment for environment in stage.environments if environment.installs]
    for environment in used:
        if any(install.command == execution.location for install in environment.installs):
            return environment
    found = used or list(stage.environments)
    return found[0] if len(found) == 1 else None


def _may_use_wheel(install: Install, needs: BuildNeeds) -> bool:
    """Whether an install by name takes a ready-made wheel instead of compiling."""
    forced = install.options.no_binary
    if ":all:" in forced or install.name in forced:
        return False
    if needs.wheels is WheelSource.PYPI or install.options.only_binary or install.locked:
        return True
    indexes = install.indexes
    # A private or unknown index, or a folder of wheels, may serve anything.
    others = (*indexes.find_links, *indexes.extra, indexes.primary)
    return not indexes.is_known or any(
        isinstance(url, str) and not url.startswith(_PYTORCH_INDEX) for url in others
    )


def compiler_calls(stage: Stage) -> Iterator[CompilerCall]:
    """The commands of this stage that compile something when they run."""
    for execution in stage.executions:
        program = execution.program
        words = execution.words
        if program in _COMPILERS:
            if words[:1] not in (("--version",), ("-v",), ("-V",)):
                yield CompilerCall(program, execution, execution.location)
        elif _runs_setup(execution):
            yield CompilerCall("setup.py", execution, execution.location)


def _runs_setup(execution: Execution) -> bool:
    """`python setup.py install` and its kin."""
    words = execution.words
    return (
        execution.program.startswith("python")
        and any(posixpath.basename(word) == "setup.py" for word in words[:2])
        and bool({"install", "develop", "build", "build_ext", "bdist_wheel"} & set(words))
    )


def needs_nvcc(build: SourceBuild) -> bool | Unknown:
    """Whether a source build calls nvcc; Unknown when that hangs on a wheel or an option."""
    needs = build.needs
    if needs.nvcc is Need.NO:
        return False
    without = _switched(needs.nvcc_unless, build)
    if without is not False:
        return without if isinstance(without, Unknown) else False
    # Where there is no wheel to fetch, nvcc is called.
    compiled = build.certain and needs.wheels is WheelSource.GITHUB_RELEASE
    if compiled or needs.nvcc is Need.YES or _switched(needs.nvcc_if, build) is True:
        return True
    return Unknown(f"{build.name} compiles CUDA code only under conditions")


def _switched(switches: tuple[str, ...], build: SourceBuild) -> bool | Unknown:
    """Whether one of the switches of the table is on for the command that builds."""
    run = build.execution
    if run is None:
        return Unknown("the command is not known") if switches else False
    unknown: Unknown | None = None
    for switch in switches:
        name, _, pattern = switch.partition("=")
        if switch.startswith("-"):
            if any(switch in word for word in run.words):
                return True
            continue
        value = run.lookup(name)
        if isinstance(value, Unknown):
            unknown = value
        elif value is not None and fnmatchcase(value.lower(), pattern):
            return True
    return unknown or False
