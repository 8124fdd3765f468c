"""A stage in, what in it uses the CUDA of its base image, out: while it is built and when it runs.

A wheel that brings its own CUDA uses none of it. Judges nothing.
"""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.cuda.compiling import compiler_calls, source_builds
from mllint.facts.environments.environment import Environment, Held
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.wheel_variant import WheelVariant, torch_build
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.packages import Role

_TOOLKIT_VARIABLES = ("TORCH_CUDA_ARCH_LIST", "CUDA_HOME", "CUDACXX", "CUDA_PATH")


def compiled_by(project: Project, stage: Stage, tables: Tables) -> str | Unknown | None:
    """The first thing that the stage, or one it is FROM, compiles; None when it compiles nothing.

    Unknown when something was not read that may compile: a script, a project.
    """
    unknown: Unknown | None = None
    for ancestor in project.lineage(stage):
        for build in source_builds(ancestor, tables):
            return build.name
        for call in compiler_calls(ancestor):
            return call.program
        for run in ancestor.runs:
            if run.skipped is not None:
                unknown = Unknown(run.skipped)
    return unknown or unread_install(stage)


def copied_in(project: Project, stage: Stage) -> bool:
    """Whether something built elsewhere is copied in, other than Python environments and uv."""
    for ancestor in project.lineage(stage):
        carried = {copy.location for copy in ancestor.environment_copies}
        for copy in ancestor.copies:
            tool = copy.image is not None and "/uv" in copy.image
            if not copy.from_context and not tool and copy.location not in carried:
                return True
    return False


def unread_install(stage: Stage) -> Unknown | None:
    """Why what the stage installs is not fully known, None when it is."""
    for environment in stage.environments:
        for install in environment.opaque:
            return Unknown(install.opaque or "")
        if isinstance(environment.preinstalled, Unknown):
            return environment.preinstalled
    return None


def run_time_compiler(project: Project, stage: Stage, tables: Tables) -> str | Unknown | None:
    """What may call nvcc when a container of the stage runs; Unknown when that cannot be told.

    ninja counts where nothing is compiled before: torch's extensions are, on first use.
    """
    users = tables.packages.python(Role.COMPILES_CUDA)
    for environment in stage.environments:
        for install in environment.of(*users):
            return install.name
        if not isinstance(environment.preinstalled, Unknown):
            for package in environment.preinstalled:
                if package.name in users:
                    return package.name
    for name in _TOOLKIT_VARIABLES:
        if name in stage.env:
            return Unknown(f"{name} is set")
    drivers = tables.packages.python(Role.DRIVES_JIT)
    for environment in stage.environments:
        for install in environment.of(*drivers):
            if compiled_by(project, stage, tables) is None:
                return install.name
    return unread_install(stage)


def library_user(stage: Stage, tables: Tables) -> str | Unknown | None:
    """What loads CUDA libraries of the base image when it runs; None: nothing that is known of."""
    packages = tables.packages
    for package in stage.packages:
        if not package.removed and packages.is_system(package.name, Role.LOADS_CUDA):
            return package.name
    loading = packages.python(Role.LOADS_CUDA)
    for environment in stage.environments:
        for install in environment.installs:
            name = install.name or ""
            needing = name in loading or name in tables.gpus.library_packages
            if needing and not install.uninstall and not _brings_cuda(install):
                return name
            if name == "jax" and any("local" in extra for extra in install.extras):
                return "jax"
    return unread_install(stage)


def _brings_cuda(install: Install) -> bool:
    """`tensorflow[and-cuda]`; conda packages bring theirs as well."""
    return "and-cuda" in install.extras or install.installer is Installer.CONDA


def cuda_wheels(stage: Stage, root: Location, tables: Tables) -> Iterator[WheelVariant]:
    """The builds held in the stage that bring a CUDA of their own, with its version."""
    for environment in stage.environments:
        torch = torch_build(environment, stage.base, root, tables)
        if isinstance(torch, WheelVariant) and torch.cuda is not None:
            yield torch
        for install in environment.of("jax"):
            for extra in install.extras:
                if extra in ("cuda11-pip", "cuda12-pip", "cuda12", "cuda13") and not (
                    install.conditional
                ):
                    cuda = Version(extra.removeprefix("cuda").partition("-")[0])
                    yield _wheel(environment, install, cuda)
        for install in environment.of("tensorflow"):
            version = install.exact
            library = tables.gpus.library("tensorflow", version) if version else None
            if library and _brings_cuda(install) and not install.conditional:
                yield _wheel(environment, install, Version(f"{library.cuda_major}"))


def _wheel(environment: Environment, install: Install, cuda: Version) -> WheelVariant:
    name = install.name or ""
    held = environment.effective(name)
    version = held.version if isinstance(held, Held) else Unknown("not known")
    return WheelVariant(name, version, f"cu{cuda}", cuda, install.location, "PyPI")
