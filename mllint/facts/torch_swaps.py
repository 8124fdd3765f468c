"""An environment in, the installs that put another torch in the place of the one it held out."""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from packaging.version import Version

from mllint.facts.environment import Environment, Held, satisfied
from mllint.facts.installs import Install, Installer
from mllint.facts.unknown import Unknown
from mllint.facts.wheel_variant import WheelVariant, install_variant
from mllint.tables import Tables

# Packages whose metadata pins one torch, so that installing them may swap it.
_PINNERS = ("torchvision", "torchaudio", "torchtext", "xformers", "vllm")


class SwapCause(Enum):
    """Why pip takes the held torch out."""

    OTHER_VERSION = "asks for another version"
    UPGRADE = "asks for the newest version"
    PINNER = "requires another torch"


class TorchSwap(NamedTuple):
    """One install that replaces torch.

    held: what was there. install: what replaces it. before, after: the builds, where known.
    needs: what a pinner's metadata requires, else the requirement itself.
    """

    cause: SwapCause
    held: Held
    install: Install
    before: WheelVariant | Unknown
    after: WheelVariant | Unknown
    needs: str

    @property
    def held_version(self) -> Version | None:
        """The version that is lost, where known."""
        return None if isinstance(self.held.version, Unknown) else self.held.version


def torch_swaps(environment: Environment, tables: Tables) -> Iterator[TorchSwap]:
    """The swaps of torch in install order; a command that may not run is passed over."""
    for install in environment.installs:
        if install.uninstall or install.conditional or install.options.target is not None:
            continue
        if install.name not in ("torch", *_PINNERS) or install.installer is Installer.CONDA:
            continue
        held = environment.effective_before("torch", install)
        if not isinstance(held, Held) or isinstance(held.version, Unknown):
            continue
        if install.name == "torch":
            cause, needs = _own_cause(install, held), install.text
        else:
            cause, needs = _pinner_cause(install, held, environment, tables)
        if cause is not None:
            before = _held_build(held, tables)
            after = install_variant(install, install.exact or Unknown(""), "torch", tables)
            if cause is SwapCause.PINNER:
                after = Unknown("the dependency's own build")
            yield TorchSwap(cause, held, install, before, after, needs)
            if cause is SwapCause.PINNER:
                return  # which torch is there from here on is the dependency's choice


def _held_build(held: Held, tables: Tables) -> WheelVariant | Unknown:
    if held.install is None:
        return Unknown("the build of the base image")
    return install_variant(held.install, held.version, "torch", tables)


def _own_cause(install: Install, held: Held) -> SwapCause | None:
    if install.url is not None or isinstance(install.pinned, Unknown) or satisfied(held, install):
        return None
    if install.options.upgrade or install.options.reinstall:
        fixed = install.exact
        if fixed is not None and fixed.public == Version(str(held.version)).public:
            return None
        return SwapCause.UPGRADE if fixed is None else SwapCause.OTHER_VERSION
    return SwapCause.OTHER_VERSION


def _pinner_cause(
    install: Install, held: Held, environment: Environment, tables: Tables
) -> tuple[SwapCause | None, str]:
    """A package whose metadata refuses the held torch, installed with its dependencies."""
    constrained = isinstance(install.constrained, Unknown) or "torch" in install.constrained
    version = install.exact
    if version is None or install.options.no_deps or constrained or install.url is not None:
        return None, ""
    beside = any(
        other.name == "torch" and other.group == install.group for other in environment.installs
    )
    release = tables.companions.release(install.name or "", version)
    if beside or release is None or release.torch is None or isinstance(held.version, Unknown):
        return None, ""
    if release.accepts_torch(held.version) is not False:
        return None, ""
    return SwapCause.PINNER, f"torch{release.torch}"
