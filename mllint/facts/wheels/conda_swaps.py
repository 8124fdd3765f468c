"""An environment in, the pip installs that put another torch over the one of conda, out."""

from collections.abc import Iterator
from typing import NamedTuple

from packaging.version import Version

from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install, Installer
from mllint.facts.unknown import Unknown
from mllint.tables import Tables

_PINNERS = ("torchvision", "torchaudio", "torchtext", "xformers", "vllm")


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
        elif conda is not None and install.name in ("torch", *_PINNERS):
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
    constrained = isinstance(install.constrained, Unknown) or "torch" in install.constrained
    beside = any(
        other.name == "torch" and other.group == install.group for other in environment.installs
    )
    if install.exact is None or install.options.no_deps or constrained or beside:
        return None
    release = tables.companions.release(install.name or "", install.exact)
    if release is None or conda.exact is None or release.accepts_torch(conda.exact) is not False:
        return None
    return f"torch{release.torch}"


def _fits(conda: Install, install: Install) -> bool:
    """Whether pip leaves conda's torch alone, or may do so."""
    if install.options.no_deps and install.exact is None:
        return True
    if install.exact is not None:
        public = Version(install.exact.public)
        return not conda.specifier or conda.specifier.contains(public, prereleases=True)
    held = conda.exact
    return held is None or install.specifier.contains(held, prereleases=True)
