"""A stage of a Dockerfile, finished: its base, what its instructions did, what it then holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Copy, Layer
from mllint.facts.commands.variables import Value
from mllint.facts.environments.environment import Environment
from mllint.facts.images.base_image import BaseImage
from mllint.facts.installs.install import RequirementFault
from mllint.facts.stage_state import LostVariable, PipBootstrap, Run, UndefinedVariable
from mllint.facts.system.system_packages import SystemPackage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Instruction
from mllint.parse.source import Location


class Variable(NamedTuple):
    """An ARG or ENV: keyword, name, value after expansion (None: ARG without default)."""

    keyword: str
    name: str
    value: Value | None
    location: Location


class EnvironmentCopy(NamedTuple):
    """An environment (or its site-packages) that COPY --from brought from another stage.

    from_stage, source: stage index and path copied; source_environment: the environment there;
    destination: path it lands on; environment_prefix: prefix it then has.
    """

    location: Location
    from_stage: int
    source: str
    destination: str
    source_environment: Environment
    environment_prefix: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Stage:
    """One stage, with everything it inherits from the stages it is FROM.

    parent: index of the stage it is FROM, None for an image. base: the image at the root of that
    chain. runs, copies, variables, bootstraps, packages_here, requirement_faults,
    lost_variables: what its own instructions do; packages, environments, layers: including what
    is inherited. copied_from: indexes of stages that COPY --from or RUN --mount=from use. entry:
    the CMD and ENTRYPOINT that hold at the end. python_alias: the minor version that `python3`
    was made to mean, None where it is the one of the image or the distribution; python3_link: the
    same, where a link of that name says so.
    """

    index: int
    name: str | None
    instruction: Instruction
    location: Location
    instructions: tuple[Instruction, ...]
    parent: int | None
    base: BaseImage
    platform: Value | None
    runs: tuple[Run, ...]
    copies: tuple[Copy, ...]
    variables: tuple[Variable, ...]
    packages: tuple[SystemPackage, ...]
    packages_here: tuple[SystemPackage, ...]
    environments: tuple[Environment, ...]
    environment_copies: tuple[EnvironmentCopy, ...]
    layers: tuple[Layer, ...]
    copied_from: frozenset[int]
    env: Mapping[str, Value]
    undefined: tuple[UndefinedVariable, ...]
    user: Value
    workdir: Value
    shell: tuple[str, ...]
    entry: tuple[Instruction, ...]
    third_party_apt: bool
    python_alias: str | None
    python3_link: str | None
    bootstraps: tuple[PipBootstrap, ...]
    requirement_faults: tuple[RequirementFault, ...]
    lost_variables: tuple[LostVariable, ...]

    @property
    def label(self) -> str:
        """The stage's name, or its number, as Docker shows it."""
        return self.name or str(self.index)

    @property
    def executions(self) -> Iterator[Execution]:
        """Everything that this stage's own RUN instructions execute, in order."""
        for run in self.runs:
            yield from run.executions

    def has_command(self, *names: str) -> bool | Unknown:
        """Whether one of these commands (`gcc`, `nvcc`, `git`…) is on PATH at the end."""
        for package in self.packages:
            if not package.removed and any(name in package.commands for name in names):
                return True
        commands = self.base.commands
        if isinstance(commands, Unknown):
            return commands
        return any(name in commands for name in names)

    def holds_package(self, *names: str) -> bool:
        """Whether one of these distribution packages was installed by a command that was read."""
        held = {package.name for package in self.packages if not package.removed}
        return any(name in held for name in names)
