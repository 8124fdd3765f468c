"""A Python environment of a stage and what its installs leave in it, in order."""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from packaging.version import Version

from mllint.facts.base_image import Preinstalled, Python
from mllint.facts.installs import Install
from mllint.facts.unknown import Unknown
from mllint.parse.source import Location


class EnvironmentKind(Enum):
    """What kind of folder the packages land in."""

    SYSTEM = "system"  # the interpreter's own site-packages: /usr, /usr/local
    VENV = "venv"
    CONDA = "conda"
    TARGET = "target"  # pip install --target/--prefix/--root


class Held(NamedTuple):
    """The version of one package after all installs.

    version: with its local part (`2.1.0+cu118`) when the requirement names one, or Unknown.
    install: the install that decided it, None when the base image brought it (`preinstalled`).
    kept_by: later requirements that the held version already satisfied.
    """

    name: str
    version: Version | Unknown
    install: Install | None
    preinstalled: Preinstalled | None
    kept_by: tuple[Install, ...] = ()


class Environment(NamedTuple):
    """One environment of one stage: (stage, prefix), its Python, and its installs in order.

    prefix: `/usr`, `/opt/venv`, or Unknown when the folder cannot be told. python: None when no
    interpreter is there yet. installs: those of parent stages first. created: the instruction
    that made it, None for what the base image brings.
    """

    stage: int
    prefix: str | Unknown
    kind: EnvironmentKind
    python: Python | Unknown | None
    installs: tuple[Install, ...]
    preinstalled: tuple[Preinstalled, ...] | Unknown
    created: Location | None
    system_site: bool = False

    def of(self, *names: str) -> Iterator[Install]:
        """The installs (not uninstalls) of the packages named, canonical names, in order."""
        for install in self.installs:
            if install.name in names and not install.uninstall:
                yield install

    @property
    def opaque(self) -> tuple[Install, ...]:
        """The installs whose content is not known: any package may have come with them."""
        return tuple(install for install in self.installs if install.opaque is not None)

    def effective(self, name: str) -> Held | Unknown | None:
        """What the environment holds of `name` at the end.

        None: nothing names it (a dependency may still bring it: see `opaque` and the tables).
        Unknown: a command that may not run, or whose content is not known, decides it.
        """
        return self.effective_before(name, None)

    def effective_before(self, name: str, before: Install | None) -> Held | Unknown | None:
        """As `effective`, at the point just before the command of `before` runs."""
        held = self._preinstalled(name)
        for install in self.installs:
            if before is not None and install.group == before.group:
                break
            if install.name == name:
                held = _apply(held, install)
            elif install.opaque is not None and held is None:
                held = Unknown(install.opaque)
        return held

    def _preinstalled(self, name: str) -> Held | Unknown | None:
        if isinstance(self.preinstalled, Unknown):
            return self.preinstalled
        for package in self.preinstalled:
            if package.name == name:
                return Held(name, package.version, None, package)
        return None


def _apply(held: Held | Unknown | None, install: Install) -> Held | Unknown | None:
    """What is held after `install`, given what was held before."""
    name = install.name or ""
    if install.uninstall:
        return Unknown(f"{name} may be uninstalled") if install.conditional else None
    if isinstance(held, Held) and install.exact is None and satisfied(held, install):
        return Held(name, held.version, held.install, held.preinstalled, (*held.kept_by, install))
    version = install.exact
    if isinstance(held, Held) and version is not None and satisfied(held, install):
        return Held(name, held.version, held.install, held.preinstalled, (*held.kept_by, install))
    if install.conditional:
        return Unknown(f"{name} is installed by a command that may not run")
    if isinstance(held, Held) and version is None and isinstance(held.version, Unknown):
        return Held(name, held.version, held.install, held.preinstalled, (*held.kept_by, install))
    if isinstance(held, Unknown) and version is None:
        return held
    found = version or Unknown(f"{install.text} fixes no version")
    return Held(name, found, install, None)


def satisfied(held: Held, install: Install) -> bool:
    """True when pip would leave the held version alone: it fits and nothing forces a new one.

    `==2.3.0` accepts a held `2.3.0+cu121`; `==2.3.0+cu121` does not accept `2.3.0` (PEP 440).
    """
    options = install.options
    if options.upgrade or options.reinstall or install.url is not None:
        return False
    if options.target is not None or isinstance(held.version, Unknown):
        return False
    if isinstance(install.pinned, Unknown):
        return False
    if install.pinned is not None:
        return held.version == install.pinned
    return install.specifier.contains(held.version, prereleases=True)
