"""An environment in, the torch-family packages in it that were not built for its torch out."""

from collections.abc import Iterator
from typing import NamedTuple

from packaging.version import Version

from mllint.facts.base_image import Python
from mllint.facts.environment import Environment, Held
from mllint.facts.installs import Install, Installer
from mllint.facts.unknown import Unknown
from mllint.facts.wheel_variant import WheelVariant, held_variant, index_variant
from mllint.parse.source import Location
from mllint.tables import Tables

COMPANIONS = ("torchvision", "torchaudio", "torchtext")


class OddPair(NamedTuple):
    """A companion and the torch it does not fit, both as the environment ends up with them.

    companion: its name and version, or its requirement when that fixes none. needs: the torch
    that the companion's metadata asks for. together: one command installs both, so that pip finds
    the conflict; otherwise the import does. certain: both commands run, and the public index, whose
    releases are known, serves the companion.
    """

    package: str
    companion: str
    companion_at: Location
    torch: Version
    torch_at: Location
    needs: str
    together: bool
    certain: bool


class OddBuilds(NamedTuple):
    """A companion built for another CUDA major (or for none) than the torch beside it."""

    companion: WheelVariant
    torch: WheelVariant


def odd_pairs(environment: Environment, tables: Tables) -> Iterator[OddPair]:
    """The companions whose version was made for another torch than the one that stays."""
    torch = environment.effective("torch")
    if not isinstance(torch, Held) or torch.install is None or isinstance(torch.version, Unknown):
        return
    for package in COMPANIONS:
        companion = environment.effective(package)
        if not isinstance(companion, Held) or companion.install is None:
            continue
        if Installer.CONDA in (torch.install.installer, companion.install.installer):
            continue
        if isinstance(companion.version, Unknown):
            pair = _untied(environment, package, companion.install, torch, tables)
        else:
            pair = _tied(environment, package, companion, torch, tables)
        if pair is not None:
            yield pair


def _tied(
    environment: Environment, package: str, companion: Held, torch: Held, tables: Tables
) -> OddPair | None:
    """Both versions are known and the companion's metadata asks for another torch."""
    assert isinstance(companion.version, Version) and isinstance(torch.version, Version)
    assert companion.install is not None and torch.install is not None
    release = tables.companions.release(package, companion.version)
    known = tables.torch.release(torch.version) is not None
    if release is None or not known or release.accepts_torch(torch.version) is not False:
        return None
    if _pulls_its_torch(environment, companion.install, torch.install):
        return None
    text = f"{package} {companion.version}"
    return _pair(package, text, companion.install, torch, f"torch{release.torch}")


def _pulls_its_torch(environment: Environment, companion: Install, torch: Install) -> bool:
    """A companion installed later, with its dependencies, swaps torch for the one it asks for."""
    if companion.group == torch.group or companion.options.no_deps:
        return False
    order = [install.group for install in environment.installs]
    return order.index(companion.group) > order.index(torch.group)


def _untied(
    environment: Environment, package: str, companion: Install, torch: Held, tables: Tables
) -> OddPair | None:
    """An unpinned companion whose newest release names no torch: `torch==2.4.0 torchaudio`.

    pip then takes the newest release, whatever torch it was built for.
    """
    assert torch.install is not None and isinstance(torch.version, Version)
    newest = tables.companions.newest(package)
    release = tables.companions.release(package, newest) if newest is not None else None
    if newest is None or release is None or release.torch is not None or companion.url is not None:
        return None
    same = companion.group == torch.install.group
    free = companion.pinned is None and newest in companion.specifier and not companion.locked
    if not free or not same or not _is_served(companion, newest, tables):
        return None
    wheel = tables.wheels.release(package, newest)
    python = environment.python
    fits = wheel is not None and isinstance(python, Python) and wheel.has_wheel(python.version)
    torch_for = Version(f"{newest.major}.{newest.minor}.0")
    if not fits or tables.torch.release(torch.version) is None or torch.version >= torch_for:
        return None
    text = f"{companion.text} (the newest, {newest})"
    # What PyTorch's own indexes hold of a companion is in no table.
    certain = companion.indexes.is_default
    return _pair(package, text, companion, torch, f"torch>={torch_for.public}", certain=certain)


def _is_served(install: Install, newest: Version, tables: Tables) -> bool:
    """Whether the indexes hold the newest release: the public one, or a variant still built."""
    indexes = install.indexes
    if indexes.is_default:
        return True
    if not indexes.is_known or indexes.torch_backend is not None or indexes.find_links:
        return False
    if indexes.primary is None:
        return not install.installer.is_uv  # pip asks the public index beside the extra ones
    variant = index_variant(indexes.primary) if isinstance(indexes.primary, str) else None
    twin = Version(f"{newest.major}.{newest.minor}.0")
    return variant is not None and tables.torch.variant(twin, variant) is not None


def _pair(
    package: str,
    companion: str,
    install: Install,
    torch: Held,
    needs: str,
    *,
    certain: bool = True,
) -> OddPair:
    assert torch.install is not None and isinstance(torch.version, Version)
    return OddPair(
        package,
        companion,
        install.location,
        torch.version,
        torch.install.location,
        needs,
        install.group == torch.install.group,
        certain and not (install.conditional or torch.install.conditional),
    )


def odd_builds(environment: Environment, tables: Tables) -> Iterator[OddBuilds]:
    """The companions built for another CUDA major than torch, or one for CPU and one for CUDA."""
    torch = held_variant(environment, "torch", tables)
    if not isinstance(torch, WheelVariant) or torch.variant.startswith(("rocm", "xpu")):
        return
    for package in COMPANIONS[:2]:
        companion = held_variant(environment, package, tables)
        if not isinstance(companion, WheelVariant) or companion.variant.startswith(("rocm", "xpu")):
            continue
        majors = (torch.cuda and torch.cuda.major, companion.cuda and companion.cuda.major)
        if majors[0] != majors[1]:
            yield OddBuilds(companion, torch)
