"""An install and its Python in, why no wheel of that release fits, out; by the dated tables."""

from enum import IntEnum

from packaging.version import Version

from mllint.facts.environments.environment import Environment, satisfied
from mllint.facts.images.base_image import Libc, Origin, Python
from mllint.facts.installs.install import Indexes, Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.variant_names import is_pytorch_page
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables
from mllint.tables.rows import Confidence
from mllint.tables.wheels import WheelRelease

# Packages of apt that bring gcc along, most of them as a recommendation.
_BRING_COMPILER = (
    *("python3-pip", "cmake", "libtool", "autoconf", "automake", "dkms", "dpkg-dev", "devscripts"),
    *("nvidia-cuda-toolkit", "r-base-dev", "gfortran", "clang", "cython3", "libopencv-dev"),
)


class Misfit(IntEnum):
    """Why no wheel of a release fits; the higher, the less can be done about it."""

    COMPILES = 1  # pip takes the source distribution
    GLIBC = 2
    NO_WHEEL = 3
    REQUIRES_PYTHON = 4


class WheelMisfit(NamedTuple):
    """That none of the releases an install allows fits its environment.

    release: the newest of them. pythons: the minor releases for which one of them has a wheel.
    compiler: whether the stage has a C compiler. certain: the tables' row is not doubtful.
    """

    misfit: Misfit
    release: WheelRelease
    python: Python
    pythons: tuple[Version, ...]
    libc: Libc | None
    compiler: bool | Unknown
    certain: bool


def on_x86(project: Project, stage: Stage) -> bool:
    """Whether a stage is built for the platform of which the tables tell."""
    root = project.root(stage)
    platform = root.platform if isinstance(root.platform, str) else project.options.platform
    return "amd64" in platform or "x86" in platform


def wheel_misfit(
    install: Install, environment: Environment, stage: Stage, tables: Tables
) -> WheelMisfit | None:
    """Why nothing that `install` allows has a wheel for its environment; None when not known."""
    python = environment.python
    if not isinstance(python, Python) or python.version > tables.wheels.newest_python:
        return None
    if not _is_plain(install) or not _asks_public(install.indexes):
        return None
    if _is_there(install, environment):
        return None
    releases = _allowed(install, tables)
    libc = stage.base.libc if isinstance(stage.base.libc, Libc) else None
    misfits = [_misfit(release, python.version, libc) for release in releases]
    if python.version < tables.wheels.pythons[0]:  # the tables leave the wheels for it out
        misfits = [found if found is Misfit.REQUIRES_PYTHON else None for found in misfits]
    if not misfits or None in misfits:
        return None
    worst = min(misfit for misfit in misfits if misfit is not None)
    if worst is Misfit.COMPILES and (
        tables.builds.needs(install.name or "") or (libc and libc.name != "glibc")
    ):
        return None
    return WheelMisfit(
        worst,
        max(releases, key=lambda release: release.version),
        python,
        tuple(p for p in tables.wheels.pythons if any(r.has_wheel(p) for r in releases)),
        libc,
        _compiler(stage, python),
        all(release.confidence is not Confidence.LOW for release in releases),
    )


def known_range(install: Install, tables: Tables) -> tuple[Version, ...]:
    """`torch==2.1.*`: the releases that a requirement allows, oldest first; () if not all known."""
    if install.url is not None or install.options.pre or isinstance(install.pinned, Unknown):
        return ()
    return tuple(row.version for row in _allowed(install, tables))


def _is_plain(install: Install) -> bool:
    """Whether pip certainly looks for a distribution of that name."""
    if install.uninstall or install.conditional or install.opaque is not None:
        return False
    return install.url is None and install.installer is not Installer.CONDA


def _asks_public(indexes: Indexes) -> bool:
    """Whether only the public index and PyTorch's pages are asked: they have the same wheels."""
    if not indexes.is_known or indexes.no_index:
        return False
    return all(is_pytorch_page(url) for url in indexes.urls)


def _is_there(install: Install, environment: Environment) -> bool:
    """Whether the base image may hold it already, built by whoever made the image."""
    if isinstance(environment.preinstalled, Unknown):
        return True
    held = environment.effective_before(install.name or "", install)
    return held is not None and not isinstance(held, Unknown) and satisfied(held, install)


def _allowed(install: Install, tables: Tables) -> tuple[WheelRelease, ...]:
    """The known releases that the requirement allows; none when it allows unknown ones too."""
    name = install.name or ""
    if install.exact is not None:
        release = tables.wheels.release(name, install.exact)
        return () if release is None else (release,)
    return () if install.options.pre else tables.wheels.within(name, install.specifier)


def _misfit(release: WheelRelease, python: Version, libc: Libc | None) -> Misfit | None:
    if release.accepts_python(python) is False:
        return Misfit.REQUIRES_PYTHON
    if not release.has_wheel(python):
        return Misfit.NO_WHEEL if release.sdist is False else Misfit.COMPILES
    old = libc is not None and libc.name == "glibc" and libc.version is not None
    if old and libc and libc.version and release.glibc_min and libc.version < release.glibc_min:
        return Misfit.GLIBC if release.sdist is False else Misfit.COMPILES
    return None


def _compiler(stage: Stage, python: Python) -> bool | Unknown:
    """Whether the stage has a C compiler; Unknown where something may have brought one."""
    found = stage.has_command("gcc", "cc", "clang")
    unseen = python.origin is Origin.CONDA or stage.holds_package(*_BRING_COMPILER)
    return Unknown("something may have brought a compiler") if not found and unseen else found
