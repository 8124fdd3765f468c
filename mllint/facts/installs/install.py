"""What an install command asks for: `Install` with requirement, indexes, constraint and options.

Facts only: nothing here resolves versions or judges.
"""

from enum import Enum

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from mllint.facts.commands.executions import Execution
from mllint.facts.images.contents import Python
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.requirements import BadLine
from mllint.parse.source import Location, Span


class Installer(Enum):
    """The program that installs, named as users call it."""

    PIP = "pip"
    UV_PIP = "uv pip"
    UV_SYNC = "uv sync"
    UV_ADD = "uv add"
    POETRY = "poetry"
    PIPENV = "pipenv"
    PDM = "pdm"
    CONDA = "conda"

    @property
    def equals(self) -> str:
        """What stands between a name and its version: `pytorch=2.5.1` for conda, else `==`."""
        return "=" if self is Installer.CONDA else "=="

    @property
    def is_uv(self) -> bool:
        """True for the installers that use uv's resolver and index strategy."""
        return self in (Installer.UV_PIP, Installer.UV_SYNC, Installer.UV_ADD)

    @property
    def reads_sources(self) -> bool:
        """True for the installers that look where a project's own table says."""
        return self.is_uv or self in (Installer.POETRY, Installer.PDM)


class Indexes(NamedTuple):
    """Where an installer looks for distributions.

    primary: URL of the main index, None for the installer's default (the public index), or
    Unknown. extra: further index URLs in the order given. find_links: pages or folders.
    complete: False when a configuration that was not read may add an index (an unread pip.conf,
    an unknown variable). torch_backend: uv's `--torch-backend`, e.g. "cu124", "auto".
    """

    primary: str | Unknown | None = None
    extra: tuple[str | Unknown, ...] = ()
    find_links: tuple[str | Unknown, ...] = ()
    no_index: bool = False
    complete: bool = True
    torch_backend: str | Unknown | None = None

    @property
    def urls(self) -> tuple[str, ...]:
        """Every known URL, find-links first, then the primary, then the extra ones."""
        known = (*self.find_links, self.primary, *self.extra)
        return tuple(url for url in known if isinstance(url, str))

    @property
    def is_known(self) -> bool:
        """True when nothing about the indexes is unknown."""
        values = (self.primary, self.torch_backend, *self.extra, *self.find_links)
        return self.complete and not any(isinstance(value, Unknown) for value in values)

    @property
    def is_default(self) -> bool:
        """True when only the public index is asked."""
        return (
            self.is_known
            and self.primary is None
            and not (self.extra or self.find_links or self.no_index or self.torch_backend)
        )


class InstallOptions(NamedTuple):
    """The options of one install command that change what it does; long option names."""

    upgrade: bool = False
    reinstall: bool = False  # --force-reinstall, --ignore-installed, uv --reinstall
    no_deps: bool = False
    no_build_isolation: bool = False
    no_binary: frozenset[str] = frozenset()  # canonical names, or ":all:"
    only_binary: frozenset[str] = frozenset()
    pre: bool = False
    break_system_packages: bool = False
    require_hashes: bool = False
    user: bool = False
    system: bool = False  # uv --system
    target: str | Unknown | None = None  # --target, --prefix or --root
    no_cache: bool = False
    dry_run: bool = False
    any_python: bool = False  # --ignore-requires-python
    other_rules: str | None = None  # --platform, --resolution: an option that resolves otherwise


class AbsentFile(NamedTuple):
    """A requirement file that no instruction puts where it is read: its path there, as written."""

    path: str
    written: str


class RequirementFault(NamedTuple):
    """What makes pip stop before it installs anything: a line, or a file that is not there.

    location: the argument or line at fault. bad: why pip refuses it, None where a file is absent.
    python: of the environment.
    """

    execution: Execution
    location: Location
    installer: Installer
    python: Python | Unknown | None
    bad: BadLine | None = None
    absent: AbsentFile | None = None


class RequiredPython(NamedTuple):
    """The Pythons that a project says it runs on, `>=3.11`, and where it says so."""

    specifier: str
    location: Location


class Limit(NamedTuple):
    """A line of a constraint or override file, as PEP 508 text, and where it stands."""

    text: str
    location: Location
    override: bool


class Written(NamedTuple):
    """How a requirement stands there: as a line of a requirement file, or a word of a command.

    text: where `Install.text` stands to the letter, quotes apart; None when it was put together.
    """

    is_line: bool
    text: Span | None


class Install(NamedTuple):
    """One thing that one command installs into one environment.

    name: canonical name, None when it cannot be told (a local path, an unread file).
    requirement: the PEP 508 requirement; None for paths, URLs without a name, conda specs that
    PEP 508 cannot say, and for `opaque` installs (whose content was not read: `reason` says why).
    location: what a person would edit (the line in requirements.txt, or the word in the RUN).
    written: how it stands there; None where it cannot be edited, as within the JSON form of RUN.
    command: the install command in the Dockerfile. includes: the `-r` lines between the two.
    limits: the lines of its constraint files that were read.
    pinned: the version that a constraint, a lock or a wheel's name fixes; Unknown when a constraint
    or a variable decides it.
    conditional: the command may not run (a branch, after ||); tolerated: its failure is caught.
    files: the requirement and constraint files that the command reads, as shown, in that order.
    constrained: the packages that its constraint files name, Unknown when one was not read.
    metadata: it stands in the metadata of a project, where ranges are in place; a lock beside it
    would fix them. direct: False for what a lock lists and the project itself does not name.
    python: what a project requires that is installed from its folder.
    chosen: the version that its index gives for it today; None where nobody asked the index.
    order: rises in install order
    within a build; all requirements of one command share `group` and are resolved together.
    stage: index of the stage whose instruction installs it.
    """

    installer: Installer
    name: str | None
    requirement: Requirement | None
    text: str
    location: Location
    command: Location
    stage: int
    group: int
    options: InstallOptions
    indexes: Indexes
    url: str | None = None
    editable: bool = False
    hashed: bool = False
    locked: bool = False
    conditional: bool = False
    tolerated: bool = False
    constrained: frozenset[str] | Unknown = frozenset()
    uninstall: bool = False
    opaque: str | None = None
    channels: tuple[str, ...] = ()
    pinned: Version | Unknown | None = None
    files: tuple[str, ...] = ()
    metadata: bool = False
    direct: bool = True
    written: Written | None = None
    limits: tuple[Limit, ...] = ()
    chosen: Version | None = None
    python: RequiredPython | None = None

    @property
    def file(self) -> str | None:
        """The requirement file that holds it, as shown; None when it stands in the Dockerfile."""
        return self.location.path if self.location.path != self.command.path else None

    @property
    def is_written(self) -> bool:
        """False for what a command brings along, as the index tells, without naming it."""
        return self.direct or self.locked or self.chosen is None

    @property
    def specifier(self) -> SpecifierSet:
        """The version specifier; empty when there is none."""
        return self.requirement.specifier if self.requirement else SpecifierSet()

    @property
    def extras(self) -> frozenset[str]:
        """The extras asked for."""
        return frozenset(self.requirement.extras) if self.requirement else frozenset()

    @property
    def exact(self) -> Version | None:
        """The version that it takes: the one that is fixed, else the one its index gives today."""
        fixed = self.fixed
        # `==2.1.0` takes the 2.1.0+cu118 of an index that has it.
        if self.chosen is not None and (fixed is None or fixed.local is None):
            return self.chosen
        return fixed

    @property
    def is_brought(self) -> bool:
        """Whether nothing names it: an index told that something else requires it."""
        return self.chosen is not None and self.requirement is None and not self.direct

    @property
    def fixed(self) -> Version | None:
        """The version that `==` (no wildcard), `===`, a wheel or a constraint fixes, else None."""
        for specifier in self.specifier:
            if specifier.operator in ("==", "===") and not specifier.version.endswith(".*"):
                try:
                    return Version(specifier.version)
                except InvalidVersion:
                    return None
        return self.pinned if isinstance(self.pinned, Version) else None


def opaque_install(
    execution: Execution,
    stage: int,
    group: int,
    installer: Installer,
    reason: str,
    *,
    locked: bool = False,
) -> Install:
    """An install whose content is not known, with the reason."""
    return Install(
        installer=installer,
        name=None,
        requirement=None,
        text=" ".join((execution.program, *execution.words)),
        location=execution.location,
        command=execution.location,
        stage=stage,
        group=group,
        options=InstallOptions(),
        indexes=Indexes(complete=False),
        locked=locked,
        conditional=execution.conditional,
        opaque=reason,
    )
