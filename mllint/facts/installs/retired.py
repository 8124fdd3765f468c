"""An install in, why pip cannot install any release that it may take, out."""

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held, satisfied
from mllint.facts.images.base_image import Python
from mllint.facts.installs.install import Install, Installer
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.tables import Tables
from mllint.tables.distributions import RetiredPackage, RetirementFault, covers

# The first pip that reads no metadata but that of PEP 440, and the lowest Python it runs on.
_STRICT_PIP, _ITS_PYTHON = Version("24.1"), Version("3.8")


def retirement(
    install: Install, environment: Environment, stage: Stage, tables: Tables
) -> RetiredPackage | None:
    """The row by which the install fails for sure; None where it may succeed."""
    row = tables.distributions.retired(install.name or "")
    if row is None or not _asks_public_index(install) or install.tolerated:
        return None
    held = environment.effective_before(row.package, install)
    if isinstance(held, Unknown) or (isinstance(held, Held) and satisfied(held, install)):
        return None
    if not _takes_failing(install, row) or (row.variable is not None and row.variable in stage.env):
        return None
    if row.fault is RetirementFault.METADATA and strict_pip(install, environment) is None:
        return None
    return row


def _asks_public_index(install: Install) -> bool:
    named = install.url is None and install.opaque is None and not install.editable
    known = install.installer in (Installer.PIP, Installer.UV_PIP) and install.indexes.is_default
    return named and known and not install.locked


def _takes_failing(install: Install, row: RetiredPackage) -> bool:
    """Whether the release that the installer takes is one of those that fail."""
    if install.exact is not None:
        return covers(row.versions, install.exact)
    if isinstance(install.pinned, Unknown):
        return False
    if row.fault is RetirementFault.ABSENT:
        return True
    return row.newest is not None and install.specifier.contains(row.newest, prereleases=True)


def strict_pip(install: Install, environment: Environment) -> Install | None:
    """The earlier command by which pip is one from release 24.1 on, None if not known to be."""
    python, held = environment.python, environment.effective_before("pip", install)
    if install.installer is not Installer.PIP or not isinstance(held, Held):
        return None
    pip = held.install
    if pip is None or not isinstance(python, Python) or python.version < _ITS_PYTHON:
        return None
    if pip.exact is not None:
        return pip if pip.exact >= _STRICT_PIP else None
    # Python 3.8 had its last pip with 25.0.
    upper = any(each.operator in ("<", "<=", "==", "~=") for each in pip.specifier)
    return pip if pip.options.upgrade and not upper and pip.pinned is None else None
