"""A stage in, the installs that run behind a COPY of the whole build context without needing it.

Docker runs a RUN again when anything that was copied before has changed. Judges nothing.
"""

from collections.abc import Iterator
from itertools import groupby

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Copy
from mllint.facts.commands.mounts import mount_options
from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install, Installer
from mllint.facts.installs.pip_installs import pip_arguments
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import is_package_manager
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.packages import Role

# Commands that stand beside installs in a RUN and read nothing of the project.
_HELPERS = frozenset({"uv", "conda", "mamba", "micromamba", "rm", "cd", "echo", "set", "export"})


class LateInstall(NamedTuple):
    """An install command behind a COPY of the whole context that needs few of its files.

    heavy: the heavy packages it names. files: the requirement and constraint files it reads, as
    shown, () when it reads none. size: how many requirements it names. cached: a cache mount keeps
    the downloads. mixed: the same RUN does more than install, which may need the copied files.
    """

    copy: Copy
    command: Location
    heavy: tuple[str, ...]
    files: tuple[str, ...]
    size: int
    cached: bool
    mixed: bool


def late_installs(stage: Stage, tables: Tables) -> Iterator[LateInstall]:
    """The install commands of this stage that could run before its COPY of everything."""
    copies = [copy for copy in stage.copies if copies_context(copy)]
    if not copies:
        return
    first = copies[0]
    heavy = tables.packages.python(Role.HEAVY)
    runs = {run.location: run for run in stage.executions}
    mixed = {run.instruction.span for run in runs.values() if not _is_install(run)}
    for environment in stage.environments:
        held = _preinstalled(environment, heavy)
        for command, installs in groupby(environment.installs, key=lambda item: item.command):
            group = [install for install in installs if not install.uninstall]
            run = runs.get(command)
            if not group:
                continue
            if run is not None and run.location.span > first.location.span:
                if any(_needs_project(install) for install in group):
                    # What follows may be there to put right what the project brought:
                    # `pip install . && pip install --force-reinstall torch==2.4.0`.
                    break
                yield _late(first, run, group, heavy - held, mixed=run.instruction.span in mixed)
            held |= {install.name for install in group if install.name}


def copies_context(copy: Copy) -> bool:
    """`COPY . /app`, `ADD ./ .`: all of the build context."""
    return (
        copy.from_context
        and not copy.mount
        and any(source in (".", "./", "/", "./.", "*", "./*") for source in copy.sources)
    )


def _is_install(run: Execution) -> bool:
    """Whether a command installs or cleans up, so that it needs no file of the project."""
    known = is_package_manager(run.program) or run.program in _HELPERS
    return known or pip_arguments(run) is not None


def _late(
    copy: Copy, run: Execution, group: list[Install], heavy: frozenset[str], *, mixed: bool
) -> LateInstall:
    names = tuple(dict.fromkeys(install.name for install in group if install.name))
    return LateInstall(
        copy=copy,
        command=run.location,
        heavy=tuple(name for name in names if name in heavy),
        files=tuple(dict.fromkeys(file for install in group for file in install.files)),
        size=len(names),
        cached=any(options["type"] == "cache" for _, options in mount_options(run.instruction)),
        mixed=mixed,
    )


def _preinstalled(environment: Environment, heavy: frozenset[str]) -> set[str]:
    """What the base image holds already, so that its install takes no time."""
    if isinstance(environment.preinstalled, Unknown):
        return set(heavy)
    return {package.name for package in environment.preinstalled}


def _needs_project(install: Install) -> bool:
    """Whether more of the context is read than requirement files: `.`, `-e .`, a lock, a script."""
    if install.installer not in (Installer.PIP, Installer.UV_PIP, Installer.CONDA):
        return True
    if install.opaque is None and install.url is None:
        return install.editable
    return install.url is None or "://" not in install.url or "file:" in install.url
