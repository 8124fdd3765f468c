"""An environment in, the installs that put another torch in the place of the one it held out."""

from collections.abc import Iterator
from enum import Enum

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held, satisfied
from mllint.facts.images.base_image import BaseImage, Python
from mllint.facts.installs.install import Install, Installer
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.torch_packages import PINNERS
from mllint.facts.wheels.torch_pulls import refusal_of_torch
from mllint.facts.wheels.variant_names import index_variant, local_variant
from mllint.facts.wheels.wheel_variant import WheelVariant, install_variant, torch_build
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables

# They pin one torch, too, but no table knows their releases: behind them nobody knows the torch.
_UNREAD_PINNERS = frozenset({"sglang", "lmdeploy", "fastai", "tensorrt-llm", "fairseq2"})


class SwapCause(Enum):
    """Why pip takes the held torch out."""

    OTHER_VERSION = "asks for another version"
    UPGRADE = "asks for the newest version"
    PINNER = "requires another torch"


class TorchSwap(NamedTuple):
    """One install that replaces torch.

    held: what was there. install: what replaces it. before, after: the builds, where known.
    needs: what a pinner's metadata requires, else the requirement itself. newest: the release of
    the pinner that pip takes when its requirement fixes none; fitting: the one for the held torch.
    """

    cause: SwapCause
    held: Held
    install: Install
    before: WheelVariant | Unknown
    after: WheelVariant | Unknown
    needs: str
    newest: Version | None = None
    fitting: Version | None = None

    @property
    def held_version(self) -> Version | None:
        """The version that is lost, where known."""
        return None if isinstance(self.held.version, Unknown) else self.held.version

    @property
    def what(self) -> str:
        """What puts another torch in its place, in words for a message."""
        return f"{self.needs}, which comes along," if self.install.is_brought else self.needs

    @property
    def source(self) -> str:
        """Where the torch that goes came from, in words for a message."""
        if self.held.install is not None and isinstance(self.before, WheelVariant):
            return self.before.source
        return "the base image"

    @property
    def chooses_build(self) -> bool:
        """Whether the install that replaces torch says which build it wants."""
        exact = self.install.exact
        urls = self.install.indexes.urls
        local = exact is not None and local_variant(exact) is not None
        return local or any(index_variant(url) is not None for url in urls)


def torch_swaps(
    environment: Environment, base: BaseImage, base_at: Location, tables: Tables
) -> Iterator[TorchSwap]:
    """The swaps of torch in install order; a command that may not run is passed over.

    base: the image at the root of the stage; base_at: where it is named.
    """
    for install in environment.installs:
        if install.uninstall or install.conditional or install.options.target is not None:
            continue
        if install.name in _UNREAD_PINNERS and not (install.options.no_deps or install.chosen):
            return
        if install.name not in ("torch", *PINNERS) or install.installer is Installer.CONDA:
            continue
        held = environment.effective_before("torch", install)
        if not isinstance(held, Held) or isinstance(held.version, Unknown):
            continue
        before = torch_build(environment, base, base_at, tables, install)
        if before is None:
            continue
        if install.name == "torch":
            cause = _own_cause(install, held, environment, tables)
            if cause is not None and not _is_that_build(install, held, before):
                after = install_variant(install, install.exact or Unknown(""), "torch", tables)
                yield TorchSwap(cause, held, install, before, after, install.text)
        else:
            swap = _pinner_swap(install, held, before, environment, tables)
            if swap is not None:
                yield swap
                return  # which torch is there from here on is the dependency's choice


def _is_that_build(install: Install, held: Held, before: WheelVariant | Unknown) -> bool:
    """`torch==2.6.0+cu124` on a base image that may hold just that: its local part is not known."""
    exact, version = install.exact, held.version
    if held.install is not None or exact is None or isinstance(version, Unknown):
        return False
    same = exact.public == version.public
    variant = local_variant(exact)
    return same and not (isinstance(before, WheelVariant) and before.variant != variant)


def _own_cause(
    install: Install, held: Held, environment: Environment, tables: Tables
) -> SwapCause | None:
    if install.url is not None or isinstance(install.pinned, Unknown) or satisfied(held, install):
        return None
    if not (install.options.upgrade or install.options.reinstall):
        return SwapCause.OTHER_VERSION
    assert isinstance(held.version, Version)
    if install.exact is not None:
        return None if install.exact.public == held.version.public else SwapCause.OTHER_VERSION
    # `-U "torch<2.4"` leaves a 2.3.1 alone.
    python = environment.python
    later = (
        row.version
        for row in tables.wheels.releases("torch")
        if row.version in install.specifier
        and (not isinstance(python, Python) or row.has_wheel(python.version))
    )
    return SwapCause.UPGRADE if max(later, default=held.version) > held.version else None


def _pinner_swap(
    install: Install,
    held: Held,
    before: WheelVariant | Unknown,
    environment: Environment,
    tables: Tables,
) -> TorchSwap | None:
    """A package whose metadata refuses the held torch, installed with its dependencies."""
    if install.chosen is not None:
        return None  # the torch that comes along is told by an install of its own
    newest = _newest(install, environment, tables) if install.exact is None else None
    version = install.exact or newest
    if version is None or isinstance(held.version, Unknown):
        return None
    needs = refusal_of_torch(install, version, held.version, environment, tables)
    if needs is None:
        return None
    after = Unknown("the dependency's own build")
    fitting = _fitting(install.name or "", held.version, environment, tables)
    return TorchSwap(SwapCause.PINNER, held, install, before, after, needs, newest, fitting)


def _fitting(
    package: str, torch: Version, environment: Environment, tables: Tables
) -> Version | None:
    """The newest release of the package that leaves that torch alone and has a wheel here."""
    python = environment.python
    for release in reversed(tables.companions.fitting(package, torch)):
        wheel = tables.wheels.release(package, release.version)
        if wheel is not None and isinstance(python, Python) and wheel.has_wheel(python.version):
            return release.version
    return None


def _newest(install: Install, environment: Environment, tables: Tables) -> Version | None:
    """The release that pip takes for `xformers`: the newest, when nothing is there yet."""
    name = install.name or ""
    open_ended = not any(each.operator in ("<", "<=", "~=", "==") for each in install.specifier)
    if not open_ended or install.pinned is not None or not install.indexes.is_default:
        return None
    if not isinstance(environment.python, Python):
        return None
    # An image that holds torch may hold its companions, too, whatever the tables name.
    if environment.effective_before(name, install) is not None:
        return None
    return tables.wheels.newest_for(name, environment.python.version)
