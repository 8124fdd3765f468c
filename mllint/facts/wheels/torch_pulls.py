"""Packages that require one torch in; which torch comes with them, or is left in place, out."""

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.installs.install import Install
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.torch_packages import PINNERS
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables


class PulledTorch(NamedTuple):
    """A torch that nothing names: a package, of which this is the name and version, requires it."""

    version: Version
    package: str
    install: Install


def pulled_torch(
    environment: Environment, before: Install | None, tables: Tables
) -> PulledTorch | None:
    """The torch that comes as a dependency where nothing else names one: `pip install vllm==0.6.0`.

    None where several come to be asked for, or a constraint may choose.
    """
    found: dict[Version, PulledTorch] = {}
    for name in PINNERS:
        held = environment.effective_before(name, before)
        if not isinstance(held, Held) or held.install is None or isinstance(held.version, Unknown):
            continue
        install = held.install
        release = tables.companions.release(name, held.version)
        version = only_torch(release.torch) if release is not None and release.torch else None
        limited = isinstance(install.constrained, Unknown) or "torch" in install.constrained
        if version is not None and not (install.options.no_deps or limited):
            found.setdefault(version, PulledTorch(version, f"{name} {held.version}", install))
    return next(iter(found.values())) if len(found) == 1 else None


def only_torch(needs: SpecifierSet) -> Version | None:
    """The one public version that a requirement allows, None when it allows more."""
    pins = [Version(each.version) for each in needs if each.operator == "=="]
    return Version(pins[0].public) if len(pins) == 1 else None


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


def refusal_of_torch(
    install: Install, version: Version, torch: Version, environment: Environment, tables: Tables
) -> str | None:
    """The `torch==2.1.0` for which pip takes `torch` out, to install this version of a pinner.

    None where it fits, where pip does not ask, or where something else decides.
    """
    constrained = isinstance(install.constrained, Unknown) or "torch" in install.constrained
    if install.options.no_deps or constrained or install.url is not None:
        return None
    installs = environment.installs
    if any(other.name == "torch" and other.group == install.group for other in installs):
        return None
    release = tables.companions.release(install.name or "", version)
    if release is None or release.accepts_torch(torch) is not False:
        return None
    return f"torch{release.torch}"
