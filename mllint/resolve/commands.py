"""An environment in, its install commands in order out, each with what can be asked of an index."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from packaging.version import Version

from mllint.facts.environments.environment import Environment, EnvironmentKind
from mllint.facts.images.contents import Origin, Python
from mllint.facts.installs.install import Indexes, Install, Installer, Limit
from mllint.facts.stage import Stage
from mllint.facts.unknown import PerhapsUnset, Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.resolve.request import Held, Sources
from mllint.resolve.trusted_words import untold_address, untold_limit, untold_text

_ASKED = frozenset({Installer.PIP, Installer.UV_PIP, Installer.UV_SYNC, Installer.UV_ADD})
_TOOLS = frozenset({"pip", "setuptools", "wheel", "uv", "distribute", "packaging"})
_SYSTEM_TOOLS = frozenset(
    f"python3-{name}"
    for name in ("pip", "setuptools", "wheel", "venv", "dev", "distutils", "minimal", "virtualenv")
)


class Command(NamedTuple):
    """One command that installs into an environment.

    asked: the requirements that an index can be asked for. fixed: versions that a lock or the name
    of a file gives. removed: names that it uninstalls. partial: why what else it installs is not
    known, None where all is. unchecked: why no index is asked at all.
    """

    group: int
    location: Location
    installs: tuple[Install, ...]
    asked: tuple[Install, ...] = ()
    fixed: tuple[Install, ...] = ()
    removed: frozenset[str] = frozenset()
    partial: str | None = None
    unchecked: str | None = None
    sources: Sources = Sources()

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The lines of its constraint files."""
        return self.asked[0].limits if self.asked else ()


def commands(environment: Environment) -> Iterator[Command]:
    """The commands in install order."""
    for group, installs in groupby(environment.installs, key=attrgetter("group")):
        yield _command(group, tuple(installs))


def _command(group: int, installs: tuple[Install, ...]) -> Command:
    first = installs[0]
    made = Command(group, first.command, installs)
    if first.uninstall:
        certain = not any(install.conditional for install in installs)
        reason = None if certain else "what it uninstalls depends on a condition"
        names = frozenset(install.name for install in installs if install.name)
        return made._replace(removed=names, partial=reason)
    if all(install.conditional for install in installs):
        return made._replace(unchecked="it may not run")
    if first.installer is Installer.CONDA:
        return made._replace(unchecked="conda resolves by channels of its own")
    fixed = tuple(each for each in installs if _is_fixed(each))
    if all(each.locked or _is_fixed(each) or not each.requirement for each in installs):
        # A sync takes out what its lock does not hold.
        out = frozenset(each.name for each in installs if each.uninstall and each.name)
        return made._replace(fixed=fixed, removed=out, partial=unknown_part(installs))
    if first.installer not in _ASKED:
        return made._replace(unchecked=f"{first.installer.value} resolves by rules of its own")
    asked = tuple(each for each in installs if _is_asked(each))
    unchecked = _unchecked(first) if asked else "what it installs is not known"
    sources = None if unchecked else find_sources(asked)
    if isinstance(sources, str):
        unchecked = sources
    if unchecked or not isinstance(sources, Sources):
        return made._replace(unchecked=unchecked, fixed=fixed)
    return made._replace(asked=asked, fixed=fixed, partial=unknown_part(installs), sources=sources)


def _is_fixed(install: Install) -> bool:
    """Whether no index has to tell the version: a lock's row, or a wheel at an address."""
    given = install.locked or (install.url is not None and isinstance(install.pinned, Version))
    return given and install.fixed is not None and install.name is not None


def _is_asked(install: Install) -> bool:
    return (
        install.requirement is not None
        and install.url is None
        and install.requirement.url is None
        and not (install.conditional or install.locked or install.opaque)
        and not _is_variable(install)
        and not untold_text(str(install.requirement))
        and not install.options.no_binary & {install.name, ":all:"}
    )


def _is_variable(install: Install) -> bool:
    """`torch==${TORCH}` with a value that is not known; a constraint file leaves the text whole."""
    return isinstance(install.pinned, Unknown) and str(install.requirement) != install.text.strip()


def unknown_part(installs: tuple[Install, ...]) -> str | None:
    """Why something among them is not known, besides what an index can be asked for."""
    for install in installs:
        if install.opaque is not None:
            return install.opaque
        if install.conditional:
            return f"whether {install.text} is installed depends on a condition"
        if install.requirement is not None and (
            _is_variable(install) or untold_text(str(install.requirement))
        ):
            return f"the version of {install.text} is not known"
        if install.options.no_binary & {install.name, ":all:"}:
            return f"{install.text} is built from source"
        # A project whose files were read has no version yet, and what it requires stands beside it.
        apart = install.url is not None and install.fixed is not None
        if apart and not install.locked and not install.options.no_deps:
            return f"what {install.text} requires is in its wheel"
    return None


def _unchecked(install: Install) -> str | None:
    constrained, rules = install.constrained, install.options.other_rules
    if rules is not None:
        return f"{rules} resolves by rules of its own"
    if isinstance(constrained, Unknown) and not isinstance(constrained, PerhapsUnset):
        return constrained.reason
    if isinstance(constrained, PerhapsUnset):
        return f"a constraint file may hold its versions: {constrained.reason}"
    return untold_limit(install.limits)


def find_sources(asked: tuple[Install, ...]) -> Sources | str:
    """Where the command looks; why that is not known, otherwise."""
    counted: dict[Indexes, int] = {}
    for install in asked:
        if not install.indexes.is_known:
            return "not every index that it asks is known"
        counted[install.indexes] = counted.get(install.indexes, 0) + 1
    # A project's table ties a package to an index; the others are looked for where all are.
    usual = max(counted, key=lambda each: (each.is_default, counted[each]))
    named: dict[str, str] = {}
    for install in asked:
        if install.indexes != usual and install.name is not None:
            if not isinstance(install.indexes.primary, str) or install.indexes.find_links:
                return "its packages come from indexes that are put together in several ways"
            named[install.name] = install.indexes.primary
    links = [link for link in usual.find_links if isinstance(link, str)]
    local = next((link for link in links if "://" not in link), None)
    if local is not None:
        return f"it looks in {local}, a folder of the image"
    addresses = (usual.primary, *usual.extra, *links, *named.values())
    untold = untold_address(each for each in addresses if isinstance(each, str))
    if untold is not None:
        return untold
    backend = usual.torch_backend
    if backend == "auto":
        return "uv chooses the build of torch by the machine that builds"
    if isinstance(backend, str) and not backend.replace(".", "").isalnum():
        return "the build of torch that it names is none"
    return Sources(
        default=usual.primary if isinstance(usual.primary, str) else None,
        extra=tuple(url for url in usual.extra if isinstance(url, str)),
        find_links=tuple(links),
        no_index=usual.no_index,
        torch_backend=backend if isinstance(backend, str) else None,
        first_index=asked[0].installer.is_uv,
        named=named,
    )


def held_at_first(environment: Environment) -> dict[str, Held]:
    """What the base image brings, as far as its versions are known."""
    if isinstance(environment.preinstalled, Unknown):
        return {}
    return {
        package.name: Held(package.version)
        for package in environment.preinstalled
        if isinstance(package.version, Version)
    }


def doubt_at_first(environment: Environment, stage: Stage) -> str | None:
    """Why the environment may hold any package at first; None: it does not."""
    if environment.system_site:
        return "it sees the packages of another environment"
    python = environment.python
    if environment.kind is EnvironmentKind.VENV or not isinstance(python, Python):
        return None
    for package in stage.packages if python.origin is Origin.DISTRO else ():
        if package.name.startswith("python3-") and package.name not in _SYSTEM_TOOLS:
            return f"apt brings {package.name}"
    return None


def is_bare(environment: Environment) -> bool:
    """Whether the environment holds nothing at first but what installs."""
    held, python = environment.preinstalled, environment.python
    own = environment.kind is not EnvironmentKind.VENV
    if own and isinstance(python, Python) and python.origin is Origin.CONDA:
        return False  # it holds conda's own packages
    return not isinstance(held, Unknown) and all(package.name in _TOOLS for package in held)
