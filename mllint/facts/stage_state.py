"""What is known of a stage while its instructions are read in order; mutable, private to facts."""

import posixpath
from dataclasses import dataclass, field

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Copy, Layer
from mllint.facts.commands.variables import Value
from mllint.facts.environments.interpreters import Environments
from mllint.facts.images.base_image import BaseImage, Python
from mllint.facts.installs.install import RequirementFault
from mllint.facts.system.system_packages import SystemPackage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location


class PipBootstrap(NamedTuple):
    """A `python get-pip.py` (or `curl … | python`) and the Python that runs it."""

    execution: Execution
    python: Python | Unknown | None


class LostVariable(NamedTuple):
    """A variable of an ENV or ARG that only the shell of a RUN above has set: it is empty here.

    location: the pair of the ENV; set_at: the RUN's command.
    """

    name: str
    location: Location
    set_at: Location


class UndefinedVariable(NamedTuple):
    """A variable that is certainly empty where it is used, though an ARG before FROM names it.

    declared: the ARG before the first FROM. location: the word of the RUN, or the instruction,
    that uses it. text: that word, or the argument of the instruction, as written. program: what
    the RUN gives it to, None for other instructions.
    """

    name: str
    location: Location
    declared: Location
    text: str
    program: str | None = None


@dataclass(slots=True, eq=False, repr=False)
class StageState:
    """The state after the instructions read so far; a stage FROM another starts with its copy."""

    index: int
    base: BaseImage
    environments: Environments
    platform: Value
    env: dict[str, Value] = field(default_factory=dict)
    args: dict[str, Value | None] = field(default_factory=dict)
    workdir: Value = "/"
    user: Value = "root"
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    layers: list[Layer] = field(default_factory=list)
    packages: list[SystemPackage] = field(default_factory=list)
    pip_settings: dict[str, Value] = field(default_factory=dict)
    pip_config_unread: bool = False
    profile_activates: Value | None = None
    third_party_apt: bool = False
    requirement_faults: list[RequirementFault] = field(default_factory=list)  # as bootstraps
    shell_variables: dict[str, Location] = field(default_factory=dict)  # set in RUNs, lost behind
    bootstraps: list[PipBootstrap] = field(default_factory=list)  # of this stage alone

    def child(self, index: int) -> "StageState":
        """The state with which a stage FROM this one starts, as BuildKit does it: ARGs too."""
        return StageState(
            index=index,
            base=self.base,
            environments=self.environments.copy(),
            platform=self.platform,
            env=dict(self.env),
            args=dict(self.args),
            workdir=self.workdir,
            user=self.user,
            shell=self.shell,
            layers=list(self.layers),
            packages=list(self.packages),
            pip_settings=dict(self.pip_settings),
            pip_config_unread=self.pip_config_unread,
            profile_activates=self.profile_activates,
            third_party_apt=self.third_party_apt,
            shell_variables=dict(self.shell_variables),
        )

    def variable(self, name: str) -> Value | None:
        """The value of an environment variable or ARG here; None when it is certainly not set."""
        if name in self.env:
            return self.env[name]
        if name in self.args:
            return self.args[name]
        value = self.base.variable(name)
        installer = name.startswith(("PIP_", "UV_"))
        # A base image that the tables name hides no index; one they do not know may.
        named = not (isinstance(self.base.distro, Unknown) and isinstance(self.base.libc, Unknown))
        if isinstance(value, Unknown) and installer and named:
            return None
        return value

    def absolute(self, path: Value) -> Value:
        """`path` made absolute with WORKDIR; a trailing slash is kept."""
        if isinstance(path, Unknown):
            return path
        if not path.startswith("/"):
            if isinstance(self.workdir, Unknown):
                return self.workdir
            path = posixpath.join(self.workdir, path)
        folder = posixpath.normpath(path)
        return folder + "/" if path.endswith(("/", "/.")) and folder != "/" else folder


class Run(NamedTuple):
    """One RUN: its instruction, what it executes, and the flags that bear on it.

    skipped: why its text was not read (PowerShell, an unknown interpreter), else None.
    shell_options: errexit and pipefail, as far as SHELL or a `#!` line sets them. read_only: its
    bind mounts that take no writes. shell: the words that start its shell, none in exec form.
    """

    location: Location
    executions: tuple[Execution, ...]
    skipped: str | None = None
    shell_options: frozenset[str] = frozenset()
    read_only: tuple[Copy, ...] = ()
    shell: tuple[str, ...] = ()
