"""A RUN's commands in, what each one executes out: program, arguments, folder and variables.

Follows `cd`, assignments, `export`, activation and wrappers such as `sudo` or `conda run`; runs
nothing and knows no installer.
"""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.shell_scope import MAYBE, ShellScope, apply_builtin, assign_defaults
from mllint.facts.commands.variables import Argument, Lookup, Value, expand_word, expand_words
from mllint.facts.commands.wrappers import unwrap
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Instruction
from mllint.parse.shell import SHELLS, Command, Guard, Script, first_operand
from mllint.parse.source import Location

_SHELL_MADE = frozenset(
    {"RANDOM", "UID", "EUID", "PPID", "HOSTNAME", "SECONDS", "LINENO", "IFS", "OLDPWD", "SHLVL"}
)
# Their failure is caught, asked for, or nobody's.
_TOLERATED = frozenset({Guard.BEFORE_OR, Guard.CONDITION, Guard.NEGATED, Guard.BACKGROUND})


class Execution(NamedTuple):
    """One program run by a RUN.

    program: the base name of what is run ("" when unknown), `called` the word as expanded.
    arguments: behind the program; words: their text (of an unknown one the known beginning).
    activated: the prefix of the environment that this shell
    activated or that a wrapper names, else None. wrapped: names of wrappers in front of it.
    conditional: it may not run; tolerated: its failure does not stop the build.
    given: variables that the command alone gets (`A=b cmd`, `env A=b cmd`).
    lookup: the value of a shell variable at this point; None when certainly unset.
    """

    program: str
    called: Value
    arguments: tuple[Argument, ...]
    words: tuple[str, ...]
    command: Command
    location: Location
    instruction: Instruction
    workdir: Value
    activated: Value | None
    wrapped: tuple[str, ...]
    conditional: bool
    tolerated: bool
    lookup: Lookup
    given: dict[str, Value]

    @property
    def shell_file(self) -> str | None:
        """The file that a shell or `source` reads: `x.sh` of `bash -e x.sh`, "" when not told.

        None for other programs, and where the commands are an argument: `bash -lc "…"`.
        """
        if self.program in ("source", "."):
            return self.words[0] if self.words else ""
        if self.program not in SHELLS:
            return None
        at, has_command = first_operand(self.words)
        return None if has_command else "".join(self.words[at : at + 1])

    def resolve(self, path: Value) -> Value:
        """`path` made absolute with the folder this command runs in."""
        if isinstance(path, Unknown) or path.startswith("/"):
            return path
        if path == "~" or path.startswith("~/"):
            home = self.lookup("HOME")
            return posixpath.join(home, path[2:]) if isinstance(home, str) else Unknown("$HOME")
        if isinstance(self.workdir, Unknown):
            return self.workdir
        return posixpath.normpath(posixpath.join(self.workdir, path))


def executions(
    script: Script,
    instruction: Instruction,
    path: str,
    workdir: Value,
    environment: Lookup,
    activated: Value | None = None,
) -> Iterator[Execution]:
    """What `script` executes, in order, from `workdir` with the variables of `environment`."""
    scopes: dict[tuple[int, ...], ShellScope] = {(): ShellScope(workdir, activated=activated)}
    inherited: dict[tuple[int, ...], dict[str, Value]] = {}  # A=b sh -c '…': of the next subshell
    for command in script.commands:
        fresh = command.scope not in scopes
        scope = _scope(scopes, command.scope)
        if fresh:
            for name, value in inherited.pop(command.scope[:-1], {}).items():
                scope.variables.set(name, value)
        scope.settle(command)
        lookup = _lookup(scope, environment, Guard.LOOP in command.guards)
        assign_defaults(scope, command, lookup)
        if not command.argv:
            _assign(scope, command, lookup)
            continue
        run = _execution(command, instruction, path, scope, lookup)
        if run is not None:
            apply_builtin(scope, run, lookup)
            inherited.pop(command.scope, None)
            if run.program in SHELLS and run.given:
                inherited[command.scope] = run.given
            yield run


def _scope(scopes: dict[tuple[int, ...], ShellScope], key: tuple[int, ...]) -> ShellScope:
    if key not in scopes:
        outer = key[:-1]
        while outer not in scopes:
            outer = outer[:-1]
        scopes[key] = scopes[outer].copy()
    return scopes[key]


def _lookup(scope: ShellScope, environment: Lookup, in_loop: bool) -> Lookup:
    """Look a variable up in this shell, then in the environment; both as they are now."""
    variables = scope.variables.now()
    open_ended = scope.open_ended or in_loop
    workdir = scope.workdir

    def look(name: str) -> Value | None:
        assigned = variables.get(name)
        if assigned is not None:
            return assigned[0]
        if name == "PWD":
            return workdir
        if name in _SHELL_MADE or not name[:1].replace("_", "a").isalpha():
            return Unknown(f"${name} is set by the shell")
        value = environment(name)
        if value is None and open_ended:
            return Unknown(f"${name} may be set by the script")
        return value

    return look


def _assign(scope: ShellScope, command: Command, lookup: Lookup) -> None:
    for name, word in command.assignments:
        scope.assign(name, expand_word(word, lookup), command)


def _execution(
    command: Command, instruction: Instruction, path: str, scope: ShellScope, lookup: Lookup
) -> Execution | None:
    local = {name: expand_word(word, lookup) for name, word in command.assignments}
    own = _overlay(local, lookup) if local else lookup
    arguments = tuple(expand_words(command.argv, lookup))
    arguments, wrapped, extra, activated = unwrap(arguments)
    if not arguments:
        return None
    if extra:
        own = _overlay(extra, own)
    called = arguments[0].value
    return Execution(
        program=posixpath.basename(called) if isinstance(called, str) else "",
        called=called,
        arguments=arguments[1:],
        words=tuple(argument.text for argument in arguments[1:]),
        command=command,
        location=Location(path, command.span),
        instruction=instruction,
        workdir=scope.workdir,
        activated=activated if activated is not None else scope.activated,
        wrapped=wrapped,
        conditional=bool(command.guards & MAYBE),
        tolerated=bool(command.guards & _TOLERATED),
        lookup=own,
        given={**local, **extra},
    )


def _overlay(local: dict[str, Value], lookup: Lookup) -> Lookup:
    return lambda name: local[name] if name in local else lookup(name)
