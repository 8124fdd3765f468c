"""An environment in, the distributions in it that install one and the same module out."""

from collections.abc import Iterator

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.installs.install import Install, Installer
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables


class Twins(NamedTuple):
    """Distributions that own `module`, in install order; the last one's files are those that stay.

    first: what the base image or an earlier requirement brings, as text.
    """

    module: str
    first: str
    first_install: Install | None
    last: Install


def twins(environment: Environment, tables: Tables) -> Iterator[Twins]:
    """The pairs that the environment holds at its end; one for each module."""
    for module, packages in tables.distributions.twins.items():
        held = [found for name in packages if (found := _held(environment, name)) is not None]
        held.sort(key=lambda each: _order(each, environment))
        last = held[-1].install if len(held) > 1 else None
        named = any(each.install is not None and each.install.direct for each in held)
        if last is not None and named:
            other = held[-2]
            yield Twins(module, _text(other), other.install, last)


def _held(environment: Environment, name: str) -> Held | None:
    """What is held of a package for sure; packages of conda have files of their own."""
    held = environment.effective(name)
    if not isinstance(held, Held):
        return None
    conda = held.install is not None and held.install.installer is Installer.CONDA
    return None if conda else held


def _order(held: Held, environment: Environment) -> int:
    if held.install is None:
        return -1
    return next(i for i, each in enumerate(environment.installs) if each is held.install)


def _text(held: Held) -> str:
    return held.name if held.install is None else held.install.text
