"""A Python environment of a stage and what its installs leave in it, in order."""

from collections.abc import Iterator
from enum import Enum

from mllint.facts.environments.history import Held, History, satisfied
from mllint.facts.images.base_image import Preinstalled, Python
from mllint.facts.installs.install import Install
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

__all__ = ["Environment", "EnvironmentKind", "Held", "satisfied"]


class EnvironmentKind(Enum):
    """What kind of folder the packages land in."""

    SYSTEM = "system"  # the interpreter's own site-packages: /usr, /usr/local
    VENV = "venv"
    CONDA = "conda"
    TARGET = "target"  # pip install --target/--prefix/--root


class Environment(NamedTuple):
    """One environment of one stage: (stage, prefix), its Python, and its installs in order.

    prefix: `/usr`, `/opt/venv`, or Unknown when the folder cannot be told. python: None when no
    interpreter is there yet. installs: those of parent stages first. created: the instruction
    that made it, None for what the base image brings. history: the installs, step by step.
    """

    stage: int
    prefix: str | Unknown
    kind: EnvironmentKind
    python: Python | Unknown | None
    installs: tuple[Install, ...]
    preinstalled: tuple[Preinstalled, ...] | Unknown
    created: Location | None
    system_site: bool
    history: History

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
        return self.history.before(name, before.group if before is not None else None)


def held_by_image(environment: Environment, install: Install) -> bool:
    """Whether the base image brings what is to be installed, or may: then nothing is built."""
    if isinstance(environment.preinstalled, Unknown):
        return True
    options = install.options
    if options.upgrade or options.reinstall or install.url is not None:
        return False
    return any(
        package.name == install.name
        and (isinstance(package.version, Unknown) or package.version in install.specifier)
        for package in environment.preinstalled
    )
