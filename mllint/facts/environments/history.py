"""The installs of one environment in order in, what they leave of each package out; linear in all.

Every check asks what was held before each install: the steps of a package are worked out once.
"""

from bisect import bisect_left
from functools import cached_property

from packaging.version import Version

from mllint.facts.images.base_image import Preinstalled
from mllint.facts.installs.install import Install, Installer
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple

_KEPT_LIMIT = 100


class Held(NamedTuple):
    """The version of one package after all installs.

    version: with its local part (`2.1.0+cu118`) when the requirement names one, or Unknown.
    install: the install that decided it, None when the base image brought it (`preinstalled`).
    kept_by: later requirements that the held version already satisfied, the first hundred.
    """

    name: str
    version: Version | Unknown
    install: Install | None
    preinstalled: Preinstalled | None
    kept_by: tuple[Install, ...] = ()

    def keeping(self, install: Install) -> "Held":
        """The same, with one more requirement that it satisfies."""
        if len(self.kept_by) >= _KEPT_LIMIT:
            return self
        return self._replace(kept_by=(*self.kept_by, install))


class History:
    """What an environment holds of each package before and after each of its commands."""

    def __init__(
        self,
        installs: tuple[Install, ...],
        preinstalled: tuple[Preinstalled, ...] | Unknown,
    ) -> None:
        self._installs = installs
        self._preinstalled = preinstalled
        self._after: dict[str, list[Held | Unknown | None]] = {}
        self._fixed: dict[str, Install | None] = {}

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where each package is named, by position in the installs."""
        found: dict[str, list[int]] = {}
        for position, install in enumerate(self._installs):
            if install.name is not None:
                found.setdefault(install.name, []).append(position)
        return found

    @cached_property
    def _opaque(self) -> list[int]:
        """The positions of the installs that may have brought any package."""
        installs = enumerate(self._installs)
        return [position for position, install in installs if install.opaque is not None]

    @cached_property
    def _starts(self) -> dict[int, int]:
        """The position at which each command begins."""
        found: dict[int, int] = {}
        for position, install in enumerate(self._installs):
            found.setdefault(install.group, position)
        return found

    @cached_property
    def _last_sync(self) -> int:
        """The last command that makes the environment what a lock says; -1 when there is none."""
        syncs = (
            install.group
            for install in self._installs
            if install.installer is Installer.UV_SYNC and install.locked
        )
        return max(syncs, default=-1)

    def is_synced_after(self, group: int) -> bool:
        """Whether a `uv sync` with a lock comes behind the command `group`."""
        return self._last_sync > group

    def first(self, name: str) -> Install | None:
        """The first install that names the package."""
        named = (self._installs[place] for place in self._places.get(name, ()))
        return next((install for install in named if not install.is_brought), None)

    def first_fixed(self, name: str) -> Install | None:
        """The first install that certainly runs and fixes the version of the package itself."""
        if name not in self._fixed:
            named = (self._installs[place] for place in self._places.get(name, ()))
            self._fixed[name] = next((install for install in named if _fixes(install)), None)
        return self._fixed[name]

    def before(self, name: str, group: int | None) -> Held | Unknown | None:
        """What is held of `name` when the command `group` starts; at the end for None."""
        end = len(self._installs)
        if group is not None:
            end = self._starts.get(group, end)
        places = self._places.get(name, [])
        count = bisect_left(places, end)
        held = self._steps(name, places)[count - 1] if count else self._initial(name)
        return self._with_opaque(held, places[count - 1] + 1 if count else 0, end)

    def _steps(self, name: str, places: list[int]) -> list[Held | Unknown | None]:
        """What is held after each install that names the package."""
        steps = self._after.get(name)
        if steps is None:
            steps = self._after[name] = []
            held, last = self._initial(name), 0
            for place in places:
                held = _apply(self._with_opaque(held, last, place), self._installs[place])
                steps.append(held)
                last = place + 1
        return steps

    def _with_opaque(
        self, held: Held | Unknown | None, start: int, end: int
    ) -> Held | Unknown | None:
        """Unknown when nothing is held and an install in between may have brought it."""
        if held is None and self._opaque:
            index = bisect_left(self._opaque, start)
            if index < len(self._opaque) and self._opaque[index] < end:
                return Unknown(self._installs[self._opaque[index]].opaque or "")
        return held

    def _initial(self, name: str) -> Held | Unknown | None:
        if isinstance(self._preinstalled, Unknown):
            return self._preinstalled
        for package in self._preinstalled:
            if package.name == name:
                return Held(name, package.version, None, package)
        return None


def _fixes(install: Install) -> bool:
    return install.fixed is not None and not (install.uninstall or install.conditional)


def _apply(held: Held | Unknown | None, install: Install) -> Held | Unknown | None:
    """What is held after `install`, given what was held before."""
    name = install.name or ""
    if install.uninstall:
        return Unknown(f"{name} may be uninstalled") if install.conditional else None
    if isinstance(held, Held) and satisfied(held, install):
        return held.keeping(install)
    version = install.exact
    if install.conditional:
        return Unknown(f"{name} is installed by a command that may not run")
    if isinstance(held, Held) and version is None and isinstance(held.version, Unknown):
        return held.keeping(install)
    if isinstance(held, Unknown) and version is None:
        return held
    found = version or Unknown(f"{install.text} fixes no version")
    return Held(name, found, install, None)


def satisfied(held: Held, install: Install) -> bool:
    """True when pip would leave the held version alone: it fits and nothing forces a new one.

    `==2.3.0` accepts a held `2.3.0+cu121`; `==2.3.0+cu121` does not accept `2.3.0` (PEP 440).
    """
    options = install.options
    if install.chosen is not None and isinstance(held.version, Version):
        return held.version == install.chosen and not options.reinstall
    if options.upgrade or options.reinstall or install.url is not None:
        return False
    if options.target is not None or isinstance(held.version, Unknown):
        return False
    if isinstance(install.pinned, Unknown):
        return False
    if install.pinned is not None:
        plain = install.pinned.local is None  # `==2.1.0` accepts 2.1.0+cu121
        return (held.version.public if plain else str(held.version)) == str(install.pinned)
    return install.specifier.contains(held.version, prereleases=True)
