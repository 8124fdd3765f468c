"""A stage and one of its environments in, the lines about it out: its Python and its packages."""

from collections.abc import Iterator
from textwrap import wrap

from mllint.facts.environments.environment import Environment, EnvironmentKind
from mllint.facts.images.base_image import BaseImage, Python
from mllint.facts.images.contents import Origin
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.report.plan_inherited import ShownEnvironment
from mllint.report.plan_installs import install_lines

_WIDTH = 96


def present_environments(stage: Stage) -> Iterator[Environment]:
    """Environments with an interpreter or content; an empty placeholder says nothing."""
    for environment in stage.environments:
        python = environment.python
        brought = isinstance(python, Python) and not _is_missing(stage, environment)
        if environment.installs or environment.created or environment.preinstalled or brought:
            yield environment


def environment_lines(stage: Stage, shown: ShownEnvironment, every_package: bool) -> Iterator[str]:
    """What the environment is, then what the image holds, and who installs what into it."""
    environment, installs = shown.environment, shown.installs
    yield _caption(stage, environment)
    if shown.brought and isinstance(environment.preinstalled, tuple) and environment.preinstalled:
        held = (
            each.name if isinstance(each.version, Unknown) else f"{each.name} {each.version}"
            for each in environment.preinstalled
        )
        yield from wrap(
            f"in the base image: {', '.join(held)}",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_on_hyphens=False,
        )
    yield from (f"  {line}" for line in install_lines(installs, every_package))
    unread = [each.constrained for each in installs if isinstance(each.constrained, Unknown)]
    for reason in dict.fromkeys(unknown.reason for unknown in unread):
        yield f"  {reason}: it may change these versions"


def _caption(stage: Stage, environment: Environment) -> str:
    prefix, python, kind = environment.prefix, environment.python, environment.kind
    place = f" in {prefix}" if isinstance(prefix, str) else ""
    notes = [] if kind is EnvironmentKind.SYSTEM else [kind.value]
    if isinstance(python, Python):
        if _is_missing(stage, environment):
            return f"no Python{place}: nothing installs the distribution's {python.version}"
        if python.origin.value not in notes:
            notes.append(python.origin.value)
        if python.externally_managed is True:
            notes.append("externally managed")
        version = str(python.version)
    elif python is None:
        return f"no Python{place} yet"
    else:
        version = fact_text(python, told=stage.base.distro)
    return f"Python {version}{place}" + (f" ({', '.join(notes)})" if notes else "")


def _is_missing(stage: Stage, environment: Environment) -> bool:
    """Whether it is that of a distribution's Python, and nothing that was read installs it."""
    python = environment.python
    return (
        isinstance(python, Python)
        and environment.kind is EnvironmentKind.SYSTEM
        and python.origin is Origin.DISTRO
        and stage.base.python is None
        and not _is_named(python, stage)
    )


def _is_named(python: Python, stage: Stage) -> bool:
    """Whether a package brings it: `python3-pip`, or one of that version `python3.12-venv`."""
    default = stage.base.distro_python
    minor = f"python{python.minor}"
    names = [package.name for package in stage.packages if not package.removed]
    if isinstance(default, Python) and default.version == python.version:
        beginnings = ("python3-", "py3-", "python-is-", minor)
        return any(name == "python3" or name.startswith(beginnings) for name in names)
    return any(name.startswith(minor) for name in names)


def libc_text(base: BaseImage) -> str:
    """`glibc 2.36`."""
    if isinstance(base.libc, Unknown):
        return "libc not known"
    return f"{base.libc.name} {base.libc.version or ''}".rstrip()


def fact_text(value: object, absent: str = "none", told: object = None) -> str:
    """A fact as text; an unknown one with its reason, unless that has been `told`."""
    if isinstance(value, Unknown):
        return "not known" if value == told else f"not known ({value.reason})"
    return absent if value is None else str(value)
