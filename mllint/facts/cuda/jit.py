"""A stage in; what in it compiles C code while it runs, and whether it finds a compiler, out."""

from collections.abc import Iterator

from mllint.facts.commands.entry import started_words
from mllint.facts.cuda.toolkit import may_bring_compiler, unseen_source
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.regex import lazy
from mllint.tables import Tables
from mllint.tables.packages import Role

_COMPILERS = ("gcc", "cc", "clang")
_COMPILER_PACKAGE = lazy(r"(?:gcc|g\+\+|clang)(?:-[\d.]+)?(?:-.*-gnu.*)?|build-essential|tcc")


def triton_users(stage: Stage, tables: Tables) -> Iterator[Install]:
    """The installs of packages that compile with Triton whenever they run.

    Triton compiles a launcher in C for each kernel.
    """
    users = tables.packages.python(Role.TRITON)
    for environment in stage.environments:
        for install in environment.of(*users):
            if not (install.conditional or _is_client(install, stage)):
                yield install


def _is_client(install: Install, stage: Stage) -> bool:
    """`sglang` without an extra was for long the language alone, which asks a server elsewhere."""
    served = any("sglang" in word for word in started_words(stage))
    return install.name == "sglang" and not (install.extras or served)


def has_c_compiler(project: Project, stage: Stage) -> bool | Unknown:
    """Whether a container of the stage finds a C compiler; Unknown where it may."""
    found = stage.has_command(*_COMPILERS)
    if found is not False:
        return found
    if "CC" in stage.env:
        return Unknown("CC is set")
    for package in stage.packages:
        name = package.name
        if package.removed:
            continue
        if _COMPILER_PACKAGE.fullmatch(name):
            return True
        if may_bring_compiler(package):
            return Unknown(f"{name} may bring a compiler")
    for environment in stage.environments:
        for install in environment.installs:
            if install.installer is Installer.CONDA:
                return Unknown("conda may bring a compiler")
    return unseen_source(project, stage, "gcc", "cc", "clang") or False
