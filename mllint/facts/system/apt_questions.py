"""A stage in, its apt installs whose packages ask questions of their own, out."""

from collections.abc import Iterator

from mllint.facts.images.base_image import Distro
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import SystemPackage
from mllint.facts.unknown import Unknown

# Packages that ask by debconf when they are set up; tzdata is part of Debian's own images.
_ASKING = frozenset(
    {"tzdata", "keyboard-configuration", "console-setup", "xorg", "xserver-xorg", "xfce4", "lxde"}
    | {"ubuntu-desktop", "lightdm", "gdm3", "krb5-user", "postfix", "iptables-persistent"}
    | {"ttf-mscorefonts-installer", "wireshark", "tshark", "jackd2", "slapd"}
)


def asking_packages(project: Project, stage: Stage) -> Iterator[SystemPackage]:
    """The first such package of each command of this stage that nothing answers, in order."""
    distro = stage.base.distro
    if not isinstance(distro, Distro) or distro.name != "ubuntu":
        return
    if _is_preset(project, stage):
        return
    told: set[int] = set()
    for package in stage.packages_here:
        execution = package.execution
        if package.manager != "apt" or package.removed or package.name not in _ASKING:
            continue
        frontend = execution.lookup("DEBIAN_FRONTEND")
        quiet = isinstance(frontend, Unknown) or frontend in ("noninteractive", "teletype")
        zone = package.name == "tzdata" and execution.lookup("TZ") is not None
        if quiet or zone or execution.conditional or id(execution) in told:
            continue
        told.add(id(execution))
        yield package


def _is_preset(project: Project, stage: Stage) -> bool:
    """Whether answers are given to debconf, or its way to ask is changed."""
    return any(
        "debconf" in word
        for above in project.lineage(stage)
        for execution in above.executions
        for word in (execution.program, *execution.words)
    )
