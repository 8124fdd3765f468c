"""Executions of apt-get, apk, dnf and yum in, the distribution packages they name out."""

from collections.abc import Iterator
from itertools import pairwise

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import Argument
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

_MANAGERS = {
    "apt-get": "apt",
    "apt": "apt",
    "aptitude": "apt",
    "apt-fast": "apt",
    "apk": "apk",
    "dnf": "dnf",
    "microdnf": "dnf",
    "tdnf": "dnf",
    "yum": "dnf",
}
# With one of these apt installs nothing.
_DRY = frozenset({"-s", "--simulate", "--dry-run", "--just-print", "--no-act", "--recon"})
_VERBS = frozenset({"install", "add", "reinstall", "localinstall"})
_REMOVALS = frozenset({"remove", "purge", "autoremove", "del", "erase"})
_VALUED = frozenset(
    {"-t", "--target-release", "-o", "--option", "-c", "--config-file", "-X", "--repository"}
    | {"--virtual", "--enablerepo", "--disablerepo", "-p", "--root", "--setopt", "--releasever"}
)
# Package -> commands it puts on PATH, as far as checks ask for them (Debian and Ubuntu names).
_COMMANDS = {
    "build-essential": ("gcc", "g++", "make", "cc"),
    "build-base": ("gcc", "g++", "make", "cc"),
    "gcc": ("gcc", "cc"),
    "gcc-c++": ("g++",),
    "g++": ("g++", "gcc", "cc"),
    "clang": ("clang", "cc"),
    "make": ("make",),
    "cmake": ("cmake",),
    "ninja-build": ("ninja",),
    "git": ("git",),
    "curl": ("curl",),
    "wget": ("wget",),
    "nvidia-cuda-toolkit": ("nvcc",),
    "nvidia-cuda-dev": (),
    "python3-pip": ("pip3", "pip"),
}


class SystemPackage(NamedTuple):
    """A distribution package that a command installs or removes.

    version: after `=`, else None. manager: apt, apk or dnf. virtual: apk's `--virtual` group.
    alternatives: the command stands before `||`, or after it, so its failure does not count.
    bare: the word at `location` is the name and nothing else, so it can be replaced.
    """

    name: str
    version: str | None
    manager: str
    location: Location
    execution: Execution
    removed: bool = False
    virtual: str | None = None
    bare: bool = False

    @property
    def is_impossible(self) -> bool:
        """Whether no package of Debian can have that version: `ffmpeg=ffmpeg_5.1.2-3ubuntu1`.

        Debian allows letters, digits and `.+~:-` there; apt-get takes patterns (`8.9*`) as well.
        """
        version = self.version or ""
        return self.manager == "apt" and "_" in version and not version.startswith("/")

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands among those checks ask for that this package brings."""
        if self.name in _COMMANDS:
            return _COMMANDS[self.name]
        if self.name.startswith(("cuda-nvcc-", "cuda-toolkit-", "cuda-compiler-")) or (
            self.name in ("cuda", "cuda-toolkit", "cuda-nvcc", "cuda-compiler")
            or (self.name.startswith("cuda-") and self.name[5:6].isdigit())
        ):
            return ("nvcc",)
        if self.name.startswith("gcc-") and self.name[4:].isdigit():
            return (self.name,)
        if self.name.startswith("g++-") and self.name[4:].isdigit():
            return (self.name,)
        return ()


def is_package_manager(program: str) -> bool:
    """True for the programs whose packages `system_packages` reads."""
    return program in _MANAGERS


def manager_verb(execution: Execution) -> str | None:
    """The sub-command (`install`, `update`, `upgrade`…) of a package manager's execution."""
    if execution.program not in _MANAGERS:
        return None
    return next((operand.text for operand in _operands(execution) if operand.text), None)


def _operands(execution: Execution) -> Iterator[Argument]:
    """The words that are neither options nor the values of options: `apt-get -t sid install x`."""
    dnf = _MANAGERS.get(execution.program) == "dnf"
    skip = False
    for argument in execution.arguments:
        if skip:
            skip = False
        elif argument.text in _VALUED and not (dnf and argument.text in ("-t", "-c", "-p")):
            skip = True
        elif not argument.text.startswith("-"):
            yield argument


def _virtual(execution: Execution) -> str | None:
    """The group that `apk add --virtual .build gcc` puts its packages into."""
    pairs = pairwise(execution.words)
    return next((value for option, value in pairs if option in ("-t", "--virtual")), None)


def system_packages(execution: Execution) -> Iterator[SystemPackage]:
    """The packages that one execution of a package manager installs or removes."""
    manager = _MANAGERS.get(execution.program)
    if manager is None or (manager == "apt" and not _DRY.isdisjoint(execution.words)):
        return
    operands = _operands(execution)
    verb = next((operand.text for operand in operands), None)
    if verb not in _VERBS and verb not in _REMOVALS:
        return
    virtual = _virtual(execution) if manager == "apk" else None
    for argument in operands:
        text = argument.text
        if isinstance(argument.value, Unknown):
            continue
        removed = verb in _REMOVALS or (manager == "apt" and text.endswith("-"))
        name, version = _split(text, manager)
        if name:
            location = Location(execution.location.path, argument.word.span)
            bare = argument.in_place and argument.word.text == name
            yield SystemPackage(name, version, manager, location, execution, removed, virtual, bare)


def _split(text: str, manager: str) -> tuple[str, str | None]:
    """`libcudnn9-cuda-12=9.1*` -> name and version; `pkg/release` and `pkg:arch` lose the tail."""
    for separator in ("==", "=", "~=", ">=", "~", ">", "<") if manager == "apk" else ("=",):
        if separator in text:
            name, _, version = text.partition(separator)
            return (name.partition(":")[0] if manager == "apt" else name), version
    if manager == "apt" and not text.startswith((".", "/")):
        if text.endswith(("-", "+")) and not text.endswith("++"):
            text = text[:-1]
        return text.partition("/")[0].partition(":")[0], None
    return text, None
