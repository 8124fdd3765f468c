"""A stage and the distribution packages that were looked for in, a pair for each of them out."""

from collections.abc import Iterator

from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import SystemPackage
from mllint.regex import lazy
from mllint.verify.comparing.chosen_environment import NO_PROBE
from mllint.verify.comparing.comparison import Measured, Pair, judged
from mllint.verify.probing.image_facts import ImageFacts

# `gcc:arm64`, `./x.deb`, `cuda-*`, `htop-` (which removes it) and `^task` are no plain names.
_PLAIN = lazy(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+]")
_MOST = 500


def wanted_system_packages(stage: Stage) -> tuple[str, ...]:
    """The names of the packages that certainly are, or are not, installed at the end."""
    return tuple(name for name, _ in _last(stage))[:_MOST]


def system_package_pairs(stage: Stage, facts: ImageFacts) -> Iterator[Pair]:
    """Whether what is said to be installed is; a version only where one is asked for."""
    asked = {each.name: each for each in facts.system_packages if each.asked}
    for name, package in _last(stage):
        found = asked.get(name)
        if found is None:
            reason = facts.failed("system packages") or _reason(facts)
            measured = Measured(None, reason)
        else:
            measured = Measured(found.version)
        told, holds = _told(package, measured.value)
        yield judged(f"package {name}", told, measured, holds, package.location)


def _last(stage: Stage) -> Iterator[tuple[str, SystemPackage]]:
    """The last word about each package; none where a command may not run."""
    last: dict[str, SystemPackage] = {}
    doubtful: set[str] = set()
    groups = {package.name for package in stage.packages if package.removed}
    for package in stage.packages:
        execution = package.execution
        if execution.conditional or execution.tolerated or package.virtual in groups:
            doubtful.add(package.name)
        last[package.name] = package
    for name, package in last.items():
        if name not in doubtful and _PLAIN.fullmatch(name):
            yield name, package


def _reason(facts: ImageFacts) -> str:
    return NO_PROBE if facts.interpreter is None else "the image has no list of packages to read"


def _told(package: SystemPackage, version: str | None) -> tuple[str | None, bool]:
    """What the plan says, and whether the image agrees."""
    if package.removed:
        return None, version is None
    if package.version is None or package.version.startswith("/"):
        return "installed", version is not None
    beginning = package.version.rstrip("*")
    same = version is not None and (
        version.startswith(beginning) if package.version.endswith("*") else version == beginning
    )
    return package.version, same
