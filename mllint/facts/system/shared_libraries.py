"""The stage that ships in, Python packages whose shared libraries it lacks, out."""

from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Context, Copy
from mllint.facts.environments.environment import Environment, EnvironmentKind
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import SystemPackage, is_package_manager
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.shared_libraries import SharedLibrary

_LIBRARY_FOLDERS = ("/usr", "/lib", "/opt/lib")
_INSTALLERS = frozenset({"dpkg", "make", "ninja", "ldconfig", "conda", "mamba"})
# Packages with these names bring none of the libraries that the table knows.
_HARMLESS = ("python3", "libpython3", "cuda-", "libcudnn", "libnccl", "libcublas", "linux-headers")


class MissingLibraries(NamedTuple):
    """An installed Python package and what it needs of the system that is not there."""

    install: Install
    needs: tuple[SharedLibrary, ...]

    @property
    def place(self) -> Location:
        """What a person would edit: never a lock, which a tool writes."""
        return self.install.command if self.install.locked else self.install.location


def missing_libraries(project: Project, stage: Stage, tables: Tables) -> Iterator[MissingLibraries]:
    """Each package that certainly cannot be imported for want of a library, in order."""
    there = _libraries(project, stage, tables)
    if there is None:
        return
    for environment in stage.environments:
        if not _is_plain(environment):
            continue
        for install in _named(environment):
            needs = tuple(
                need
                for need in tables.shared_libraries.needed
                if need.distribution == install.name
                and need.library not in there
                and _holds_for(install, need)
            )
            if needs:
                yield MissingLibraries(install, needs)


def _libraries(project: Project, stage: Stage, tables: Tables) -> frozenset[str] | None:
    """What the stage may hold; None when something was not read that may bring any library."""
    reference = stage.base.reference
    name = tables.base_images.original(reference.name) or reference.name
    there = tables.shared_libraries.in_image(name, reference.tag or "latest")
    lineage = project.lineage(stage)
    if there is None or any(_is_unread(ancestor, project.context) for ancestor in lineage):
        return None
    for package in stage.packages:
        brought = _brought(package, tables)
        if brought is None:
            return None
        there |= brought
    return there


def _is_unread(stage: Stage, context: Context | None) -> bool:
    """Whether a copy, a script or a list of packages of the stage may bring a library."""
    if any(_may_copy_library(copy, context) for copy in stage.copies):
        return True
    return any(
        run.skipped is not None or any(map(_may_bring, run.executions)) for run in stage.runs
    )


def _may_copy_library(copy: Copy, context: Context | None) -> bool:
    place = copy.destination
    if not isinstance(place, str):
        return True
    if place.rstrip("/") == "":  # `COPY requirements.txt .` in the root holds no folder
        return (
            not copy.from_context
            or context is None
            or any(not isinstance(source, str) or context.is_dir(source) for source in copy.sources)
        )
    # The environment of another stage holds no library of the system.
    harmless = "/site-packages" in place or place.startswith(("/usr/src", "/usr/local/bin"))
    return place.startswith(_LIBRARY_FOLDERS) and not harmless


def _may_bring(execution: Execution) -> bool:
    program = execution.program
    if execution.shell_file is not None:
        return not execution.shell_file.endswith("/activate")
    if not program or program.endswith(".sh") or "xargs" in execution.wrapped:
        return True
    unknown = any(not isinstance(argument.value, str) for argument in execution.arguments)
    return program in _INSTALLERS or (is_package_manager(program) and unknown)


def _brought(package: SystemPackage, tables: Tables) -> frozenset[str] | None:
    known = tables.shared_libraries.brought_by(package.name)
    if known is None and (package.removed or package.name.startswith(_HARMLESS)):
        return frozenset()
    return known


def _is_plain(environment: Environment) -> bool:
    """Whether pip alone filled it: conda brings libraries of its own."""
    if environment.kind is EnvironmentKind.TARGET:
        return False
    return all(install.installer is not Installer.CONDA for install in environment.installs)


def _named(environment: Environment) -> Iterator[Install]:
    """The installs that stay: the last of each package, none of those taken out or doubled."""
    last: dict[str, Install] = {}
    for install in environment.installs:
        if install.name is not None:
            last[install.name] = install
    headless = any(name.endswith("-headless") and name.startswith("opencv") for name in last)
    for name, install in last.items():
        if install.uninstall or install.conditional or install.tolerated:
            continue
        if not (install.direct or install.is_brought):
            continue
        # Both variants own the module `cv2`: which one is left there is another question.
        if not (headless and name.startswith("opencv")):
            yield install


def _holds_for(install: Install, need: SharedLibrary) -> bool:
    if not need.versions:
        return True
    exact = install.exact
    if exact is not None:
        return need.versions.contains(exact, prereleases=True)
    capped = any("<" in str(clause) for clause in need.versions)
    return not capped and not any("<" in clause.operator for clause in install.specifier)
