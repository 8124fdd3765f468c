"""A stage in, the `uv pip` commands that find no environment to install into, out."""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.exit_status import forgiven_failures
from mllint.facts.commands.filesystem import Copy
from mllint.facts.commands.unread_scripts import runs_unread_script
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown

# What names an environment, or a Python, for uv to install into.
_VARIABLES = (
    *("VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV"),
    *("UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_CONFIG_FILE"),
)
_OPTIONS = ("--python", "-p", "--target", "-t", "--prefix", "--config-file", "--system")
# They make an environment: of which name is not always told.
_MAKERS = frozenset({"virtualenv", "conda", "mamba", "micromamba", "pyenv", "poetry", "pdm"})


def commands_without_environment(project: Project, stage: Stage) -> Iterator[Execution]:
    """Each `uv pip install` of a stage that has a Python of its own and no environment of uv's."""
    if isinstance(stage.base.python, Unknown):
        return  # an image that is not known may bring an environment or set its variables
    executions = {execution.location: execution for execution in _judged(stage)}
    for environment in stage.environments:
        if environment.kind is not EnvironmentKind.SYSTEM:
            continue
        for install in environment.installs:
            run = executions.get(install.command)
            if run is None or install.stage != stage.index or not _names_none(install, run):
                continue
            if not _may_have_environment(project, stage, run):
                yield run


def _judged(stage: Stage) -> Iterator[Execution]:
    """The commands before which nothing may have made an environment, and that may not fail."""
    for run in stage.runs:
        forgiven = {id(execution) for execution in forgiven_failures(run)}
        for execution in run.executions:
            makes = execution.program == "uv" and execution.words[:1] in (("venv",), ("sync",))
            module = execution.words[:2] in (("-m", "venv"), ("-m", "virtualenv"))
            script = runs_unread_script(execution) and execution.command.connector != "|"
            if makes or module or script or execution.program in _MAKERS:
                return
            if id(execution) not in forgiven:
                yield execution


def _names_none(install: Install, run: Execution) -> bool:
    """Whether the command says nothing of where to install.

    `python -m uv` takes the Python that it runs in, so that only `uv` itself is meant.
    """
    if install.installer is not Installer.UV_PIP or install.uninstall or run.program != "uv":
        return False
    if run.conditional or run.tolerated or run.wrapped or not install.indexes.complete:
        return False
    if install.options.system or install.options.target is not None or run.activated is not None:
        return False
    if any(word.split("=")[0] in _OPTIONS or word.startswith("-p") for word in run.words):
        return False
    return all(run.lookup(name) is None for name in _VARIABLES)


def _may_have_environment(project: Project, stage: Stage, run: Execution) -> bool:
    """Whether a `.venv` may have come with a COPY, or a file that tells uv where to install."""
    folder = run.workdir
    if isinstance(folder, Unknown):
        return True
    context = project.context
    told = context is None or any(context.find(name) for name in (".venv", "pyproject.toml"))
    return any(_may_bring(copy, folder, told) for copy in stage.copies)


def _may_bring(copy: Copy, folder: str, told: bool) -> bool:
    place = copy.destination
    if isinstance(place, Unknown):
        return True
    names = {posixpath.basename(str(source).rstrip("/")) for source in copy.sources}
    if names <= {"uv", "uvx"} or (copy.from_context and not told and not copy.inline):
        return False
    if copy.from_context and all(name.endswith(".txt") for name in names):
        return False
    home = posixpath.normpath(place)
    return home == "/" or f"{folder}/".startswith(f"{home}/") or home.startswith(f"{folder}/")
