"""A RUN instruction in, a `Run` out: what each of its commands changes goes into the state."""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.executions import Execution, executions
from mllint.facts.commands.filesystem import Layer, Located, locate
from mllint.facts.commands.mounts import secret_variables
from mllint.facts.commands.run_scripts import run_script
from mllint.facts.commands.variables import Lookup, Value
from mllint.facts.installs.install import Installer, opaque_install
from mllint.facts.installs.pip_installs import apply_pip, apply_uninstall, pip_arguments
from mllint.facts.installs.project_installs import apply_project_install
from mllint.facts.reading.build import Build
from mllint.facts.reading.side_effects import apply_side_effects
from mllint.facts.stage_state import Run, StageState
from mllint.facts.unknown import Unknown
from mllint.finding import Unchecked
from mllint.parse.dockerfile import Instruction
from mllint.parse.shell import Command
from mllint.parse.source import Location


def read_run(
    instruction: Instruction,
    mounts: list[Layer],
    state: StageState,
    build: Build,
    lookup: Lookup,
) -> Run:
    """What the RUN executes; `state` is then that behind it. mounts: there for this RUN only."""
    place = Location(build.dockerfile.path, instruction.span)
    script = run_script(instruction, state.shell)
    if script.skipped is not None:
        build.unchecked.append(Unchecked(place, script.skipped))
        return Run(place, (), script.skipped)
    layers = len(state.layers)
    state.layers.extend(mounts)
    done = []
    for run in executions(
        script.script,
        instruction,
        build.dockerfile.path,
        state.workdir,
        _lookup(state, lookup, frozenset(secret_variables(instruction))),
        script.activated or _login_activation(state),
    ):
        done.append(run)
        _execute(run, state, build)
    state.layers[layers : layers + len(mounts)] = []
    for command in script.script.commands:
        for name in _set_names(command):
            state.shell_variables[name] = Location(build.dockerfile.path, command.span)
    return Run(place, tuple(done), shell_options=script.options, shell=script.shell)


def _set_names(command: Command) -> Iterator[str]:
    """The variables that a command sets in its shell: `X=1`, `export X=1`."""
    if not command.argv:
        yield from (name for name, _ in command.assignments)
    elif command.argv[0].literal == "export":
        for word in command.argv[1:]:
            name, equals, _ = word.text.partition("=")
            if equals:
                yield name


def _lookup(state: StageState, lookup: Lookup, secrets: frozenset[str]) -> Lookup:
    """Look up what a shell has beside the variables of the stage, too."""
    # Asked again when the stage has been read: a USER below must not answer then.
    user, has_home = state.user, "HOME" in state.env

    def look(name: str) -> Value | None:
        if name in secrets:
            return Unknown(f"${name} is a secret")
        if name == "HOME" and not has_home:
            if user in ("root", "0"):
                return "/root"
            return Unknown("$HOME of this user")
        if name in ("USER", "LOGNAME", "SHELL", "TERM"):
            return lookup(name) or Unknown(f"${name}")
        return lookup(name)

    return look


def _login_activation(state: StageState) -> Value | None:
    """What a login or interactive SHELL activates, where a profile says so."""
    flags = [word for word in state.shell if word.startswith("-")]
    login = any(
        flag in ("--login", "-i") or (flag[1:2] != "-" and set(flag) & set("li")) for flag in flags
    )
    return state.profile_activates if login else None


def _execute(run: Execution, state: StageState, build: Build) -> None:
    def find(path: str) -> Located | None:
        return locate(path, state.layers, build.context, build.layers_of)

    build.groups += 1
    pip = pip_arguments(run)
    if pip is not None:
        installer, verb, arguments = pip
        if verb in ("install", "sync"):
            apply_pip(run, installer, arguments, state, build.reader, find, build.groups)
            return
        if verb == "uninstall":
            apply_uninstall(run, installer, arguments, state, build.groups)
            return
    if apply_project_install(run, state, build.groups, build.reader, find):
        return
    apply_side_effects(run, state)
    _note_script(run, state, build.groups)


def _note_script(run: Execution, state: StageState, group: int) -> None:
    """A script of the project may install anything: the environment on PATH becomes opaque."""
    script = run.program if run.shell_file is None else run.shell_file
    if not script.endswith(".sh") or any(n in script.lower() for n in ("conda", "forge")):
        return
    draft = state.environments.on_path(run.lookup("PATH"), None)
    reason = f"what {posixpath.basename(script)} installs is not read"
    draft.installs.append(opaque_install(run, state.index, group, Installer.PIP, reason))
