"""An environment in, the packages in it that were compiled for NumPy 1 and meet NumPy 2, out."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.images.base_image import Python
from mllint.facts.installs.install import Install, Installer
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.wheel_fit import known_range
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables
from mllint.tables.distributions import NumpyBuild, covers

_TWO = Version("2")


class OldBuild(NamedTuple):
    """A package compiled for NumPy 1.

    text: its name and version, or its requirement, all of whose releases are. numpy: the NumPy
    beside it, None where nothing fixes one and pip takes the newest. asked: the requirement that
    brings NumPy, None where only the package's own metadata does.
    """

    text: str
    module: str
    install: Install
    numpy: Version | None
    asked: Install | None


def old_builds(environment: Environment, tables: Tables) -> Iterator[OldBuild]:
    """The packages that cannot work with the NumPy which the environment ends up with."""
    numpy = environment.effective("numpy")
    if isinstance(numpy, Unknown):
        return
    fixed = numpy.version if numpy is not None and isinstance(numpy.version, Version) else None
    if fixed is None:
        if not _takes_two(environment, numpy, tables):
            return
    elif fixed < _TWO:
        return
    asked = numpy.install if numpy is not None else None
    if asked is not None and (asked.installer is Installer.CONDA or asked.conditional):
        return
    for row in tables.distributions.numpy_builds:
        held = environment.effective(row.package)
        if isinstance(held, Held) and _is_old(held, row, environment, tables):
            assert held.install is not None
            version = held.version if isinstance(held.version, Version) else None
            text = f"{row.package} {version}" if version is not None else held.install.text
            yield OldBuild(text, row.module, held.install, fixed, asked)


def _is_old(held: Held, row: NumpyBuild, environment: Environment, tables: Tables) -> bool:
    """Whether the wheel that pip takes of a package is one that was compiled for NumPy 1."""
    install, version = held.install, held.version
    if install is None or install.installer is Installer.CONDA or install.url is not None:
        return False
    versions = known_range(install, tables) if isinstance(version, Unknown) else (version,)
    compiled = row.compiled
    if not versions or compiled is None or not all(covers(compiled, each) for each in versions):
        return False
    if install.options.no_binary & {row.package, ":all:"} or install.conditional:
        return False
    wheel, python = tables.wheels.release(row.package, versions[-1]), environment.python
    if wheel is None:
        return row.package not in tables.wheels.packages
    # What is compiled on the spot is compiled for the NumPy of its own build environment.
    return isinstance(python, Python) and wheel.has_wheel(python.version)


def _takes_two(environment: Environment, numpy: Held | None, tables: Tables) -> bool:
    """Whether pip takes a NumPy from 2.0 on, where no requirement fixes its version."""
    python = environment.python
    if not isinstance(python, Python) or environment.opaque:
        return False
    if environment.preinstalled or not isinstance(environment.preinstalled, tuple):
        return False  # images with ML packages hold some NumPy, of which nothing is known
    newest = tables.wheels.newest_for("numpy", python.version)
    if newest is None or newest < _TWO:
        return False
    if numpy is None and not _brings_numpy(environment, tables):
        return False
    if any(_asks_elsewhere(install) for install in environment.of("numpy", *_users(tables))):
        return False
    named = [install for install in environment.of("numpy") if not install.conditional]
    if any(newest not in install.specifier or install.pinned is not None for install in named):
        return False
    return not any(_may_limit(install, tables) for install in environment.installs)


def _brings_numpy(environment: Environment, tables: Tables) -> bool:
    """Whether a package is there that requires NumPy: torch itself does not."""
    return next(environment.of(*_users(tables)), None) is not None


def _users(tables: Tables) -> set[str]:
    return {row.package for row in tables.distributions.numpy_builds} - {"torch"} | {"torchvision"}


def _asks_elsewhere(install: Install) -> bool:
    """Whether the NumPy that comes along may be that of another index than the public one.

    PyTorch's index serves a few releases of NumPy, and which of them last is not known.
    """
    indexes = install.indexes
    return indexes.primary is not None or indexes.no_index or not indexes.is_known


def _may_limit(install: Install, tables: Tables) -> bool:
    """Whether a constraint, a lock or the metadata of a package keeps NumPy below 2."""
    constrained = install.constrained
    if isinstance(constrained, Unknown) or "numpy" in constrained or install.locked:
        return True
    if install.options.other_rules is not None:
        return True
    if install.installer not in (Installer.PIP, Installer.UV_PIP):
        return True
    rows = tables.distributions.numpy_builds
    row = next((row for row in rows if row.package == install.name), None)
    if row is None or row.capped is None:
        return False
    version = install.exact
    return covers(row.capped, version) if version is not None else bool(install.specifier)
