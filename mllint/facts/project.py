"""A parsed Dockerfile and its context in, a `Project` out: stages, target, what was not read."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mllint.facts.commands.filesystem import Context
from mllint.facts.commands.start_folder import start_folder
from mllint.facts.commands.variables import Value
from mllint.facts.environments.environment import Environment
from mllint.facts.environments.interpreters import Environments
from mllint.facts.images.described import supplied_image
from mllint.facts.installs.install import Install
from mllint.facts.installs.requirement_files import RequirementReader
from mllint.facts.reading.build import Build
from mllint.facts.reading.build_context import find_contexts
from mllint.facts.reading.finished_stages import target_stage, unread_parts
from mllint.facts.reading.stage_builder import StageBuilder
from mllint.facts.stage import Stage, Variable
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown
from mllint.finding import Failure, Unchecked
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Dockerfile, Instruction
from mllint.parse.files import Files
from mllint.parse.source import Location, Span
from mllint.tables import Tables

if TYPE_CHECKING:
    from mllint.facts.compose.model import Builder, Service
    from mllint.facts.resolution import Answer, Answers, Refusal, RefusalKind

_CONTEXT_LIMIT = 6  # folders tried as build context, from the Dockerfile's upwards


class Options(NamedTuple):
    """What a user or a compose file says about the build: as `docker build` takes it.

    context: the folder of the build context; None: found from what the Dockerfile copies, with
    `likely_context`, that of a compose file, as the first guess: some are out of date. remote:
    it is elsewhere, or not known. target_required: False to take the last stage where there is
    none of that name. contexts: what names in FROM and `--from` are. driver, gpus:
    what it will run on, as the configuration names it: `535`, `H100`, `sm_90`.
    """

    build_args: Mapping[str, Value] = MappingProxyType({})
    target: str | None = None
    context: Path | None = None
    platform: str = "linux/amd64"
    contexts: Mapping[str, Value] = MappingProxyType({})
    likely_context: Path | None = None
    remote: bool = False
    driver: str | None = None
    gpus: tuple[str, ...] = ()
    target_required: bool = True


class Project(NamedTuple):
    """Everything that checks may look at.

    stages: all stages in file order. target: the stage that ships, None when there is no stage.
    global_args: ARGs before the first FROM (name, value or None, location). read_files: shown
    paths of the requirement files that were read. failures: inputs that could not be used.
    builders: services and bake targets that build the image so; other_builders: otherwise.
    answers: what the indexes say to its install commands; None where nobody asked them.
    """

    dockerfile: Dockerfile
    path: str
    options: Options
    context: Context | None
    stages: tuple[Stage, ...]
    target: Stage | None
    global_args: Mapping[str, tuple[Value | None, Location]]
    read_files: tuple[str, ...]
    unchecked: tuple[Unchecked, ...]
    failures: tuple[Failure, ...]
    builders: tuple["Builder", ...] = ()
    other_builders: tuple["Builder", ...] = ()
    answers: "Answers | None" = None

    @property
    def services(self) -> tuple["Service", ...]:
        """The services that run this image."""
        return tuple(each.service for each in self.builders if each.service is not None)

    @property
    def judged(self) -> tuple[Stage, ...]:
        """The stages that the target reaches, in file order: the only ones to judge."""
        if self.target is None:
            return ()
        reached: set[int] = set()
        waiting = [self.target.index]
        while waiting:
            index = waiting.pop()
            if index in reached:
                continue
            reached.add(index)
            stage = self.stages[index]
            waiting.extend(stage.copied_from)
            if stage.parent is not None:
                waiting.append(stage.parent)
        return tuple(stage for stage in self.stages if stage.index in reached)

    @property
    def installs(self) -> Iterator[tuple[Stage, Environment, Install]]:
        """Each install of the judged stages once, with the stage and environment it lands in."""
        for stage in self.judged:
            for environment in stage.environments:
                for install in environment.installs:
                    if install.stage == stage.index and not install.uninstall:
                        yield stage, environment, install

    def settles(self, install: Install) -> bool:
        """Whether the indexes told of an install, so that no table has to; False if not asked."""
        return self.answers is not None and self.answers.settles(install)

    def refuses(self, install: Install) -> bool:
        """Whether the indexes told that the command of the install fails; False if not asked."""
        return self.answers is not None and self.answers.refuses(install)

    @property
    def answered(self) -> tuple["Answer", ...]:
        """What the indexes say to each command; () where nobody asked them."""
        return tuple(self.answers.by_group.values()) if self.answers is not None else ()

    def refusals(self, *kinds: "RefusalKind") -> Iterator["Refusal"]:
        """The requirements that their indexes refuse, each place once; none where nobody asked."""
        seen: set[Location] = set()
        for answer in self.answered:
            for refusal in answer.refusals:
                if refusal.kind in kinds and refusal.install.location not in seen:
                    seen.add(refusal.install.location)
                    yield refusal

    @property
    def ends(self) -> tuple[Stage, ...]:
        """The judged stages that no other one is FROM: what these hold, nobody changes again."""
        parents = {stage.parent for stage in self.judged}
        return tuple(stage for stage in self.judged if stage.index not in parents)

    def root(self, stage: Stage) -> Stage:
        """The stage at the root of the chain, which is FROM an image."""
        return list(self.lineage(stage))[-1]

    def deciding(self, stage: Stage, name: str) -> Variable | None:
        """The ENV that decides a variable at the end of the stage."""
        variables = (each for above in self.lineage(stage) for each in reversed(above.variables))
        return next((v for v in variables if v.keyword == "ENV" and v.name == name), None)

    def lineage(self, stage: Stage) -> Iterator[Stage]:
        """The stage and those it is FROM, nearest first."""
        current: Stage | None = stage
        while current is not None:
            yield current
            current = self.stages[current.parent] if current.parent is not None else None

    def at(self, instruction: Instruction) -> Location:
        """The location of an instruction of this Dockerfile."""
        return Location(self.path, instruction.span)


def build_project(
    dockerfile: Dockerfile,
    path: Path,
    files: Files,
    options: Options,
    tables: Tables,
    builders: tuple["Builder", ...] = (),
    other_builders: tuple["Builder", ...] = (),
) -> Project:
    """The facts of one Dockerfile; reads requirement files of its build context, nothing else."""
    build = _likeliest_build(dockerfile, path, files, options, tables)
    stages = tuple(build.finished)
    unchecked = [*build.unchecked, *unread_parts(stages, dockerfile.templated)]
    if dockerfile.templated:
        reason = "this is a template: what the builder will get is not known"
        unchecked.append(Unchecked(Location(dockerfile.path, Span(1, 1, 1, 1)), reason))
    target, lost = target_stage(stages, options.target, options.target_required)
    unchecked.extend(lost)
    return Project(
        dockerfile=dockerfile,
        path=dockerfile.path,
        options=options,
        context=build.context,
        stages=stages,
        target=target,
        global_args=build.global_args,
        read_files=tuple(build.reader.read),
        unchecked=tuple(unchecked),
        failures=tuple(build.reader.failures),
        builders=builders,
        other_builders=other_builders,
    )


def _likeliest_build(
    dockerfile: Dockerfile, path: Path, files: Files, options: Options, tables: Tables
) -> Build:
    """The stages as read with the first context in which every requirement file is found.

    `COPY . .` in `docker/Dockerfile` fits the folder `docker` as well as the one above it; the
    `-r` files that are read from the copy tell them apart.
    """
    found = find_contexts(dockerfile, path, files, options.context, options.likely_context)
    contexts = islice(found, 0 if options.remote else _CONTEXT_LIMIT)
    first: Build | None = None
    for context in (*contexts,) or (None,):
        build = _read_stages(dockerfile, options, context, tables)
        if not build.reader.absent:
            return build
        first = first or build
    assert first is not None
    return first


def _read_stages(
    dockerfile: Dockerfile, options: Options, context: Context | None, tables: Tables
) -> Build:
    reader = RequirementReader(context, dockerfile.path)
    build = Build(
        dockerfile,
        dict(options.build_args),
        options.platform,
        context,
        reader,
        tables,
        {name.lower().removesuffix(":latest"): named for name, named in options.contexts.items()},
    )
    builder: StageBuilder | None = None
    for instruction in dockerfile.instructions:
        if instruction.keyword == "FROM":
            _finish(build, builder)
            builder = _start(build, instruction)
        elif builder is not None:
            builder.apply(instruction)
        elif instruction.keyword == "ARG":
            _global_arg(build, instruction)
    _finish(build, builder)
    return build


def _finish(build: Build, builder: StageBuilder | None) -> None:
    if builder is not None:
        build.finished.append(builder.finish())
        build.states.append(builder.state)


def _global_arg(build: Build, instruction: Instruction) -> None:
    for word in instruction.words():
        name, equals, text = word.text.partition("=")
        default = build.expand_global(text) if equals else None
        place = Location(build.dockerfile.path, word.span(0, len(word.text)))
        build.global_args[name] = (build.arg_value(name, default), place)


def _start(build: Build, instruction: Instruction) -> StageBuilder:
    words = [word.text for word in instruction.words()]
    image = build.expand_global(words[0]) if words else Unknown("FROM names no image")
    name = words[2].lower() if len(words) >= 3 and words[1].lower() == "as" else None
    flag = instruction.flag("platform")
    platform = build.expand_global(flag) if flag else None
    index = len(build.finished)
    supplied = build.supplied(image) if isinstance(image, str) else None
    parent = build.stage_index(image) if isinstance(image, str) and supplied is None else None
    if parent is not None:
        state = build.states[parent].child(index)
        return StageBuilder(build, state, instruction, name, parent, platform)
    base = supplied_image(image, supplied, build.tables)
    state = StageState(index, base, Environments(base), platform or build.platform)
    state.user, state.workdir = base.user, start_folder(base.workdir)
    return StageBuilder(build, state, instruction, name, None, platform)
