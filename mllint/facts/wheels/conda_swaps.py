"""An environment in, the pip installs that put another torch over the one of conda, out."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install, Installer
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.torch_packages import PINNERS
from mllint.facts.wheels.torch_pulls import refusal_of_torch
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables


class CondaSwap(NamedTuple):
    """conda's pytorch, the pip install that overwrites it, and what that one asks for."""

    conda: Install
    install: Install
    needs: str


def conda_swaps(environment: Environment, tables: Tables) -> Iterator[CondaSwap]:
    """The first pip install that certainly takes conda's torch out, if there is one."""
    conda: Install | None = None
    for install in environment.installs:
        if install.conditional or install.uninstall or install.options.target is not None:
            continue
        if install.installer is Installer.CONDA:
            conda = install if install.name == "pytorch" else conda
        elif conda is not None and install.name in ("torch", *PINNERS):
            needs = _refused(conda, install, environment, tables)
            if needs is not None:
                yield CondaSwap(conda, install, needs)
                return


def _refused(
    conda: Install, install: Install, environment: Environment, tables: Tables
) -> str | None:
    """What pip asks for that conda's version is not; None when it fits, or is not known."""
    if install.url is not None or isinstance(install.pinned, Unknown):
        return None
    if install.name == "torch":
        return None if _fits(conda, install) else install.text
    if install.exact is None or conda.exact is None:
        return None
    return refusal_of_torch(install, install.exact, conda.exact, environment, tables)


def _fits(conda: Install, install: Install) -> bool:
    """Whether pip leaves conda's torch alone, or may do so."""
    if install.options.no_deps and install.exact is None:
        return True
    if install.exact is not None:
        public = Version(install.exact.public)
        return not conda.specifier or conda.specifier.contains(public, prereleases=True)
    held = conda.exact
    return held is None or install.specifier.contains(held, prereleases=True)
