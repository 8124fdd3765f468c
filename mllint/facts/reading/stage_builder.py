"""The instructions of one stage in, a `Stage` out: each instruction changes the state in turn."""

from collections.abc import Callable

from mllint.facts.commands.filesystem import Copy, Layer, Written
from mllint.facts.commands.mounts import bind_mounts, secret_targets
from mllint.facts.commands.start_folder import told_folder
from mllint.facts.commands.variables import Value, expand_docker
from mllint.facts.environments.copied_environments import carry_environments
from mllint.facts.environments.environment import Environment
from mllint.facts.environments.interpreters import Environments
from mllint.facts.images.described import IMAGE_CONTEXT, named_image
from mllint.facts.reading.build import Build, env_pairs, predefined
from mllint.facts.reading.empty_variables import EmptyVariables
from mllint.facts.reading.run_effects import read_run
from mllint.facts.reading.stage_variables import StageVariables
from mllint.facts.stage import EnvironmentCopy, Stage, Variable
from mllint.facts.stage_state import Run, StageState
from mllint.facts.system.system_packages import SystemPackage
from mllint.facts.unknown import Unknown
from mllint.parse.dockerfile import Instruction
from mllint.parse.source import Location


class StageBuilder:
    """Reads one stage; `finish` gives the result."""

    def __init__(
        self,
        build: Build,
        state: StageState,
        instruction: Instruction,
        name: str | None,
        parent: int | None,
        platform: Value | None,
    ) -> None:
        self.build = build
        self.state = state
        self.instruction = instruction
        self.name = name
        self.parent = parent
        self.platform = platform
        self.instructions: list[Instruction] = []
        self.runs: list[Run] = []
        self.copies: list[Copy] = []
        self.variables: list[Variable] = []
        self.values = StageVariables(build, state)
        self.empty = EmptyVariables(build, state)
        self.environment_copies: list[EnvironmentCopy] = []
        self.copied_from: set[int] = set()
        self.entry: dict[str, Instruction] = {}
        if parent is not None:
            self.entry = {entry.keyword: entry for entry in build.finished[parent].entry}
        self._packages_before = len(state.packages)
        self._handlers: dict[str, Callable[[Instruction], None]] = {
            "ARG": self._arg,
            "ENV": self._env,
            "WORKDIR": self._workdir,
            "USER": self._user,
            "SHELL": self._shell,
            "COPY": self._copy,
            "ADD": self._copy,
            "RUN": self._run,
            "CMD": self._entry,
            "ENTRYPOINT": self._entry,
            "HEALTHCHECK": self._entry,
        }

    def apply(self, instruction: Instruction) -> None:
        """Take one instruction into account."""
        self.instructions.append(instruction)
        handler = self._handlers.get(instruction.keyword)
        if handler is not None:
            handler(instruction)

    def place(self, instruction: Instruction) -> Location:
        """The location of an instruction."""
        return Location(self.build.dockerfile.path, instruction.span)

    def lookup(self, name: str) -> Value | None:
        """A variable's value in this stage."""
        return self.values.lookup(name)

    def expand(self, text: str, instruction: Instruction) -> Value:
        """One word of an instruction with its variables replaced."""
        if "$" not in text and "'" not in text and '"' not in text and "\\" not in text:
            return text

        def unset(name: str) -> None:
            self.empty.note(name, self.place(instruction), text)

        return expand_docker(text, self.lookup, self.build.dockerfile.escape, unset)

    def _arg(self, instruction: Instruction) -> None:
        for word in instruction.words():
            name, equals, text = word.text.partition("=")
            default: Value | None = self.expand(text, instruction) if equals else None
            if not equals and name in self.build.global_args:
                default = self.build.global_args[name][0]
            value = self.build.arg_value(name, default)
            place = Location(self.build.dockerfile.path, word.span(0, len(word.text)))
            self.variables.append(Variable("ARG", name, value, place))
            known = value if value is not None else predefined(name, self.build.platform)
            missing = Unknown(f"ARG {name} has no default")
            self.values.set_arg(name, known if known is not None else missing)

    def _env(self, instruction: Instruction) -> None:
        for name, text, place in env_pairs(instruction, self.build.dockerfile.path):
            self.empty.note_env(text, place, self.lookup)
            value = self.expand(text, instruction)
            self.variables.append(Variable("ENV", name, value, place))
            self.values.set_env(name, value)

    def _workdir(self, instruction: Instruction) -> None:
        self.state.workdir = self.state.absolute(self.expand(instruction.text, instruction))

    def _user(self, instruction: Instruction) -> None:
        value = self.expand(instruction.text, instruction)
        self.state.user = value if isinstance(value, Unknown) else value.partition(":")[0]

    def _shell(self, instruction: Instruction) -> None:
        if instruction.exec_form:
            self.state.shell = instruction.exec_form

    def _entry(self, instruction: Instruction) -> None:
        if instruction.keyword == "ENTRYPOINT":
            self.entry.pop("CMD", None)
        self.entry[instruction.keyword] = instruction

    def _copy(self, instruction: Instruction) -> None:
        words = instruction.exec_form or tuple(word.text for word in instruction.words())
        names = {f"<<{'-' if h.strip_tabs else ''}" for h in instruction.heredocs}
        values = [
            self.expand(word, instruction)
            for word in words
            if not (instruction.heredocs and word.startswith(tuple(names or ("<<",))))
        ]
        if not values:
            return
        *sources, destination = values
        stage, image = self._origin(instruction.flag("from"), instruction)
        copy = Copy(
            sources=tuple(sources),
            destination=self.state.absolute(destination),
            location=self.place(instruction),
            stage=stage,
            image=image,
            inline=tuple((heredoc.name, heredoc.body) for heredoc in instruction.heredocs),
            keyword=instruction.keyword,
            parents=instruction.flag("parents") is not None,
        )
        self.copies.append(copy)
        self.state.layers.append(copy)
        self._carry_environments(copy)

    def _carry_environments(self, copy: Copy) -> None:
        """Take over the Python environments that a COPY from a stage or an image brings."""
        there: tuple[Environment, ...] = ()
        if copy.stage is not None:
            there = self.build.finished[copy.stage].environments
        elif copy.image is not None:
            image = Environments(named_image(copy.image, self.build.tables))
            there = tuple(draft.freeze(self.state.index) for draft in image.drafts.values())
        carried = carry_environments(copy, there, self.state.environments)
        self.environment_copies.extend(carried)

    def _origin(
        self, source: str | None, instruction: Instruction
    ) -> tuple[int | None, str | None]:
        """(stage index, image) that `--from` names; (None, None) for the build context."""
        if not source:
            return None, None
        value = self.expand(source, instruction)
        if isinstance(value, Unknown):
            return None, source
        supplied = self.build.supplied(value)
        if supplied is not None:
            return None, str(supplied).removeprefix(IMAGE_CONTEXT)
        index = self.build.stage_index(value)
        if index is not None:
            self.copied_from.add(index)
            return index, None
        return None, value

    def _run(self, instruction: Instruction) -> None:
        mounts, read_only = self._mounts(instruction)
        run = read_run(instruction, mounts, self.state, self.build, self.values.now())
        run = run._replace(read_only=read_only)
        self.empty.note_run(run.executions)
        self.runs.append(run)

    def _mounts(self, instruction: Instruction) -> tuple[list[Layer], tuple[Copy, ...]]:
        """The bind mounts of a RUN, as copies that last for that RUN; those without `rw` again."""
        mounts: list[Layer] = []
        read_only: list[Copy] = []
        for mount in bind_mounts(instruction):
            stage, image = self._origin(mount.origin, instruction)
            source = self.expand(mount.source, instruction)
            target = self.state.absolute(self.expand(mount.target, instruction))
            place = self.place(instruction)
            copy = Copy((source,), target, place, stage, image, mount=True)
            mounts.append(copy)
            if not mount.writable:
                read_only.append(copy)
        for target in secret_targets(instruction):
            path = self.state.absolute(self.expand(target, instruction))
            mounts.append(Written(path, self.place(instruction), "a secret mount"))
        return mounts, tuple(read_only)

    def finish(self) -> Stage:
        """The finished stage."""
        state = self.state
        packages: tuple[SystemPackage, ...] = tuple(state.packages)
        return Stage(
            index=state.index,
            name=self.name,
            instruction=self.instruction,
            location=self.place(self.instruction),
            instructions=tuple(self.instructions),
            parent=self.parent,
            base=state.base,
            platform=self.platform,
            runs=tuple(self.runs),
            copies=tuple(self.copies),
            variables=tuple(self.variables),
            packages=packages,
            packages_here=packages[self._packages_before :],
            environments=tuple(
                draft.freeze(state.index) for draft in state.environments.drafts.values()
            ),
            environment_copies=tuple(self.environment_copies),
            layers=tuple(state.layers),
            copied_from=frozenset(self.copied_from),
            env=dict(state.env),
            undefined=tuple(self.empty.undefined),
            user=state.user,
            workdir=told_folder(state.workdir),
            shell=state.shell,
            entry=tuple(self.entry.values()),
            third_party_apt=state.third_party_apt,
            python_alias=state.environments.alias,
            python3_link=state.environments.linked,
            bootstraps=tuple(state.bootstraps),
            lost_variables=tuple(self.empty.lost),
            requirement_faults=tuple(state.requirement_faults),
        )
