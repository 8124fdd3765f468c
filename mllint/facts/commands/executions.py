"""A RUN's commands in, what each one executes out: program, arguments, folder and variables.

Follows `cd`, assignments, `export`, activation and wrappers such as `sudo` or `conda run`; runs
nothing and knows no installer.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from mllint.facts.commands.shell_variables import ShellVariables
from mllint.facts.commands.variables import Argument, Lookup, Value, expand_word, expand_words
from mllint.facts.commands.wrappers import unwrap
from mllint.facts.unknown import Unknown
from mllint.parse.dockerfile import Instruction
from mllint.parse.shell import Command, Guard, Script
from mllint.parse.source import Location

_MAYBE = frozenset({Guard.BRANCH, Guard.AFTER_OR, Guard.AFTER_AND_TEST, Guard.FUNCTION, Guard.LOOP})
# Commands after which variables may be set that the text does not show.
_SETS_VARIABLES = frozenset({"read", "eval", "source", ".", "getopts", "mapfile", "readarray"})
_SHELL_MADE = frozenset(
    {"RANDOM", "UID", "EUID", "PPID", "HOSTNAME", "SECONDS", "LINENO", "IFS", "OLDPWD", "SHLVL"}
)


class Execution(NamedTuple):
    """One program run by a RUN.

    program: the base name of what is run ("" when unknown), `called` the word as expanded.
    arguments: behind the program; words: their text (of an unknown one the known beginning).
    activated: the prefix of the environment that this shell
    activated or that a wrapper names, else None. wrapped: names of wrappers in front of it.
    conditional: it may not run; tolerated: its failure does not stop the build.
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


@dataclass(slots=True)
class _ShellScope:
    """What one (sub)shell knows: its folder, its variables, the environment it activated."""

    workdir: Value
    variables: ShellVariables = field(default_factory=ShellVariables)
    activated: Value | None = None
    open_ended: bool = False  # an unseen assignment may have happened

    def copy(self) -> "_ShellScope":
        inner = ShellVariables(self.variables.now())
        return _ShellScope(self.workdir, inner, self.activated, self.open_ended)


def executions(
    script: Script,
    instruction: Instruction,
    path: str,
    workdir: Value,
    environment: Lookup,
    activated: Value | None = None,
) -> Iterator[Execution]:
    """What `script` executes, in order, from `workdir` with the variables of `environment`."""
    scopes: dict[tuple[int, ...], _ShellScope] = {(): _ShellScope(workdir, activated=activated)}
    for command in script.commands:
        scope = _scope(scopes, command.scope)
        lookup = _lookup(scope, environment, Guard.LOOP in command.guards)
        if not command.argv:
            _assign(scope, command, lookup)
            continue
        run = _execution(command, instruction, path, scope, lookup)
        if run is not None:
            _apply_builtin(scope, run, lookup)
            yield run


def _scope(scopes: dict[tuple[int, ...], _ShellScope], key: tuple[int, ...]) -> _ShellScope:
    if key not in scopes:
        outer = key[:-1]
        while outer not in scopes:
            outer = outer[:-1]
        scopes[key] = scopes[outer].copy()
    return scopes[key]


def _lookup(scope: _ShellScope, environment: Lookup, in_loop: bool) -> Lookup:
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


def _assign(scope: _ShellScope, command: Command, lookup: Lookup) -> None:
    maybe = bool(command.guards & _MAYBE)
    for name, word in command.assignments:
        value = expand_word(word, lookup)
        scope.variables.set(name, Unknown(f"${name} is set in a branch") if maybe else value)


def _execution(
    command: Command, instruction: Instruction, path: str, scope: _ShellScope, lookup: Lookup
) -> Execution | None:
    own = lookup
    if command.assignments:
        local = {name: expand_word(word, lookup) for name, word in command.assignments}
        own = _overlay(local, lookup)
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
        conditional=bool(command.guards & _MAYBE),
        tolerated=Guard.BEFORE_OR in command.guards or Guard.CONDITION in command.guards,
        lookup=own,
    )


def _overlay(local: dict[str, Value], lookup: Lookup) -> Lookup:
    return lambda name: local[name] if name in local else lookup(name)


def _apply_builtin(scope: _ShellScope, run: Execution, lookup: Lookup) -> None:
    """What `cd`, `export`, `source …/activate` and the like change for later commands."""
    words = run.words
    if run.program in ("cd", "pushd"):
        target = run.arguments[-1].value if run.arguments else lookup("HOME")
        scope.workdir = run.resolve(target or Unknown("$HOME"))
    elif run.program == "popd":
        scope.workdir = Unknown("popd")
    elif run.program in ("export", "declare", "local", "readonly", "typeset"):
        for argument in run.arguments:
            name, equals, value = argument.text.partition("=")
            if equals or (isinstance(argument.value, Unknown) and argument.prefix):
                known = isinstance(argument.value, str) and not run.conditional
                scope.variables.set(name, value if known else Unknown(f"${name} is not known"))
    elif run.program == "unset":
        for word in words:
            scope.variables.set(word, None)
    elif run.program in ("source", ".") and words and words[0].endswith("/bin/activate"):
        path = run.resolve(words[0])
        if isinstance(path, str):
            scope.activated = posixpath.dirname(posixpath.dirname(path))
    elif run.program in ("conda", "mamba", "micromamba") and words[:1] == ("activate",):
        scope.activated = _conda_name(words[1] if len(words) > 1 else "base")
    elif run.program == "deactivate":
        scope.activated = None
    elif run.program in _SETS_VARIABLES:
        scope.open_ended = True
    if run.program in ("source", ".") and not (words and words[0].endswith("/activate")):
        scope.open_ended = True


def _conda_name(name: str) -> str:
    return name if name.startswith("/") else f"conda:{name}"
