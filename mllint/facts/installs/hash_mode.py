"""The installs of a project in, the commands that check hashes and miss some, out."""

from collections.abc import Iterable, Iterator

from mllint.facts.environments.environment import Environment, Held, satisfied
from mllint.facts.installs.install import Install, Installer
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple

_FRAGMENTS = ("#sha256=", "&sha256=", "#sha512=", "#sha384=")


class Unhashed(NamedTuple):
    """The requirements of one command that pip refuses for want of a hash; at least one.

    cause: a requirement that has a hash, None where an option asks for hashes.
    """

    installs: tuple[Install, ...]
    cause: Install | None
    stage: str


def unhashed(installs: Iterable[tuple[Stage, Environment, Install]]) -> Iterator[Unhashed]:
    """The commands in hash-checking mode that name something without a hash."""
    commands: dict[int, list[tuple[Stage, Environment, Install]]] = {}
    for each in installs:
        commands.setdefault(each[2].group, []).append(each)
    for members in commands.values():
        cause = next((install for _, _, install in members if install.hashed), None)
        stage, _, first = members[0]
        asked = first.options.require_hashes
        # uv checks the hashes that it finds, and asks for the others only when it is told to.
        implied = cause is not None and first.installer is Installer.PIP
        if first.installer not in (Installer.PIP, Installer.UV_PIP) or not (asked or implied):
            continue
        lacking = tuple(i for _, environment, i in members if _lacks(i, environment))
        if lacking:
            yield Unhashed(lacking, None if asked else cause, stage.label)


def _lacks(install: Install, environment: Environment) -> bool:
    """Whether pip looks for a hash of the requirement, and there is none."""
    if install.hashed or install.metadata or install.locked or install.tolerated:
        return False
    constrained = install.constrained
    if isinstance(constrained, Unknown) or install.name in constrained:
        return False
    if install.url is not None or install.editable:
        return not any(part in (install.url or "") for part in _FRAGMENTS)
    if install.name is None or install.requirement is None or isinstance(install.pinned, Unknown):
        return False
    held = environment.effective_before(install.name, install)
    if isinstance(held, Unknown):
        return False
    return not (isinstance(held, Held) and (held.install is None or satisfied(held, install)))
