"""A companion and the torch beside it in, whether its install leaves that torch in place, out."""

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.installs.install import Install
from mllint.facts.unknown import Unknown
from mllint.tables import Tables


def pulls_its_torch(environment: Environment, companion: Install, torch: Install | None) -> bool:
    """Whether a companion comes later, with dependencies: pip swaps a torch that does not fit it.

    torch: what installed it, None for the base image.
    """
    if companion.options.no_deps:
        return False
    if torch is None:
        return True
    if companion.group == torch.group:
        return False
    order = [install.group for install in environment.installs]
    return order.index(companion.group) > order.index(torch.group)


def leaves_torch(environment: Environment, companion: Held, torch: Held, tables: Tables) -> bool:
    """Whether the torch that is held certainly outlives the install of its companion."""
    install = companion.install
    if install is None or not pulls_its_torch(environment, install, torch.install):
        return True
    if isinstance(torch.version, Unknown) or not isinstance(companion.version, Version):
        return False
    release = tables.companions.release(companion.name, companion.version)
    return release is not None and release.accepts_torch(torch.version) is not False
