"""An environment in, the torch-family packages in it that were not built for its torch out."""

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.images.base_image import Python
from mllint.facts.installs.install import Install, Installer
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.torch_packages import COMPANIONS, PINNERS
from mllint.facts.wheels.torch_pulls import only_torch, pulls_its_torch
from mllint.facts.wheels.variant_names import index_variant
from mllint.facts.wheels.wheel_fit import known_range
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables


class OddPair(NamedTuple):
    """A companion and the torch it does not fit, both as the environment ends up with them.

    companion: its name and version, or its requirement when that fixes none. held: torch and its
    version, or the requirement that refuses the torch the companion needs; torch: the version where
    there is one. needs: the torch that the companion's metadata asks for. together: one command
    installs both, so that pip finds the conflict; otherwise the import does. pulls: the companion
    comes later and would have pip replace that torch. certain: both commands run, and the public
    index, whose releases are known, serves the companion. asked, beside: the requirements that
    bring the companion and torch. locked: a lock fixes the companion.
    """

    package: str
    companion: str
    companion_at: Location
    held: str
    torch: Version | None
    torch_at: Location
    needs: str
    together: bool
    pulls: bool
    certain: bool
    asked: Install
    beside: Install
    locked: bool = False


class LeftBehind(NamedTuple):
    """Companions of the base image that stay when an install swaps the torch they were built for.

    names, companions: name of each, and with its version. needs: the torch of the base image.
    """

    names: tuple[str, ...]
    companions: tuple[str, ...]
    needs: str
    install: Install


def odd_pairs(environment: Environment, tables: Tables) -> Iterator[OddPair]:
    """The companions whose version was made for another torch than the one that stays."""
    torch = environment.effective("torch")
    if not isinstance(torch, Held) or torch.install is None:
        return
    for package in PINNERS:
        companion = environment.effective(package)
        if not isinstance(companion, Held):
            continue
        # `torchvision==0.9.1` beside a base image that holds it: pip counts it all the same.
        beside = (i for i in companion.kept_by if i.group == torch.install.group and i.exact)
        asked = companion.install or next(beside, None)
        if asked is None or Installer.CONDA in (torch.install.installer, asked.installer):
            continue
        pair = _tied(environment, companion, asked, torch, tables)
        pair = pair or _untied(environment, package, asked, torch, tables)
        if pair is not None:
            yield pair


def _tied(
    environment: Environment, held: Held, companion: Install, torch: Held, tables: Tables
) -> OddPair | None:
    """Each version that the companion may have asks for another torch by its metadata."""
    assert torch.install is not None
    package = held.name
    fixed = held.version if isinstance(held.version, Version) else None
    versions = known_range(companion, tables) if fixed is None else (fixed,)
    needed = ""
    for version in versions:
        release = tables.companions.release(package, version)
        if release is None or release.torch is None or not _refuses(torch, release.torch, tables):
            return None
        needed = f"torch{release.torch}"
    if not needed:
        return None
    pulls = pulls_its_torch(environment, companion, torch.install)
    if pulls and not _is_plain_pin(torch.install, companion):
        return None
    # Beside another torch these two warn or break late, and `--no-deps` is often meant so.
    resolved = companion.group == torch.install.group and not companion.options.no_deps
    certain = package in COMPANIONS and not _is_open_ended(environment, companion, torch.install)
    sure = (resolved or certain) and not pulls
    text = f"{package} {fixed}" if fixed is not None else companion.text
    pair = _pair(package, text, companion, torch, needed, certain=sure)
    return pair._replace(pulls=pulls)


def _is_plain_pin(torch: Install, companion: Install) -> bool:
    """Whether a lost torch was pinned, and no index was chosen for it.

    A chosen one that is lost is the concern of torch-replaced-by-later-install.
    """
    indexes = torch.indexes
    plain = not indexes.urls and indexes.torch_backend is None
    pinned = torch.exact is not None and torch.exact.local is None
    return plain and pinned and not (torch.conditional or companion.conditional)


def _is_open_ended(environment: Environment, *installs: Install) -> bool:
    """Whether an install whose content is not known comes with or after all of these."""
    last = max(install.group for install in installs)
    return any(install.group >= last for install in environment.opaque)


def _refuses(torch: Held, needs: SpecifierSet, tables: Tables) -> bool:
    """Whether the torch that stays is not the one that `needs` allows."""
    assert torch.install is not None
    if isinstance(torch.version, Version):
        known = tables.torch.release(torch.version) is not None
        return known and not needs.contains(torch.version, prereleases=True)
    return _excludes(torch.install, needs)


def _excludes(torch: Install, needs: SpecifierSet) -> bool:
    """Whether a range leaves out the one torch that a companion needs: `torch>=2.2` and 2.1.0."""
    only = only_torch(needs)
    if only is None or torch.url is not None or torch.pinned is not None:
        return False
    return not torch.specifier.contains(only, prereleases=True)


def left_behind(environment: Environment, tables: Tables) -> LeftBehind | None:
    """What the base image holds for its own torch, when a later install brings another torch."""
    torch = environment.effective("torch")
    if not isinstance(torch, Held) or torch.install is None or torch.install.conditional:
        return None
    if _is_open_ended(environment, torch.install):
        return None
    found: dict[str, str] = {}
    needs = ""
    for package in COMPANIONS:
        companion = environment.effective(package)
        if not isinstance(companion, Held) or companion.install is not None:
            continue
        if isinstance(companion.version, Unknown) or companion.kept_by:
            continue
        release = tables.companions.release(package, companion.version)
        if release is not None and release.torch and _refuses(torch, release.torch, tables):
            found[package] = f"{package} {companion.version}"
            needs = f"torch{release.torch}"
    if not found:
        return None
    return LeftBehind(tuple(found), tuple(found.values()), needs, torch.install)


def _untied(
    environment: Environment, package: str, companion: Install, torch: Held, tables: Tables
) -> OddPair | None:
    """An unpinned companion whose newest release names no torch: `torch==2.4.0 torchaudio`.

    pip then takes the newest release, whatever torch it was built for.
    """
    if torch.install is None or companion.exact is not None:
        return None
    torches = known_range(torch.install, tables)
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
    if not fits or not torches or torches[-1] >= torch_for:
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
    assert torch.install is not None
    version = torch.version if isinstance(torch.version, Version) else None
    return OddPair(
        package,
        companion,
        install.location,
        torch.install.text if version is None else f"torch {version}",
        version,
        torch.install.location,
        needs,
        install.group == torch.install.group,
        False,
        certain and not (install.conditional or torch.install.conditional),
        install,
        torch.install,
        install.locked,
    )
