"""What one shell knows while its commands run, and what each builtin changes in it.

A change that may not have happened leaves `Unknown(reason)`, never the value before it.
"""

import itertools
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mllint.facts.commands.shell_variables import ShellVariables
from mllint.facts.commands.variables import Lookup, Value, expand_word
from mllint.facts.unknown import Unknown
from mllint.parse.shell import Command, Guard, Parameter, Word
from mllint.regex import lazy

if TYPE_CHECKING:
    from mllint.facts.commands.executions import Execution

# What stands there may not run.
MAYBE = frozenset({Guard.BRANCH, Guard.AFTER_OR, Guard.AFTER_AND_TEST, Guard.FUNCTION, Guard.LOOP})
_IN_LIST = frozenset({Guard.AFTER_OR, Guard.AFTER_AND_TEST})
# Commands after which variables may be set that the text does not show.
_SETS_VARIABLES = frozenset({"read", "eval", "source", ".", "getopts", "mapfile", "readarray"})
_NAME = lazy(r"[A-Za-z_]\w*")
_READ_VALUED = frozenset({"-a", "-d", "-i", "-n", "-N", "-p", "-t", "-u"})
_MAPFILE_VALUED = frozenset({"-d", "-n", "-O", "-s", "-u", "-C", "-c"})


@dataclass(slots=True, eq=False, repr=False)
class ShellScope:
    """What one (sub)shell knows: its folder, its variables, the environment it activated.

    branch: where a `cd` or an activation took place that may not have; behind it nobody knows.
    """

    workdir: Value
    variables: ShellVariables = field(default_factory=ShellVariables)
    activated: Value | None = None
    open_ended: bool = False  # an unseen assignment may have happened
    folder_branch: tuple[int, bool] | None = None
    activation_branch: tuple[int, bool] | None = None

    def copy(self) -> "ShellScope":
        """The same for a subshell."""
        return replace(self, variables=ShellVariables(self.variables.now()))

    def settle(self, command: Command) -> None:
        """Forget what holds only within a branch that `command` does not stand in."""
        if self.folder_branch is not None and not _within(command, self.folder_branch):
            self.workdir = Unknown("a cd in a branch")
            self.folder_branch = None
        if self.activation_branch is not None and not _within(command, self.activation_branch):
            self.activated = Unknown("an environment activated in a branch")
            self.activation_branch = None

    def move(self, folder: Value, command: Command) -> None:
        """`cd folder`."""
        if command.guards & MAYBE and folder != self.workdir:
            self.folder_branch = _branch(command)
        elif not command.guards & MAYBE:
            self.folder_branch = None
        self.workdir = folder

    def activate(self, activated: Value | None, command: Command) -> None:
        """`source …/activate`, `conda activate`; None for `deactivate`."""
        if command.guards & MAYBE and activated != self.activated:
            self.activation_branch = _branch(command)
        elif not command.guards & MAYBE:
            self.activation_branch = None
        self.activated = activated

    def assign(self, name: str, value: Value | None, command: Command) -> None:
        """`name=value`; None for `unset name`."""
        maybe = bool(command.guards & MAYBE)
        self.variables.set(name, Unknown(f"${name} is set in a branch") if maybe else value)


def _branch(command: Command) -> tuple[int, bool]:
    return command.branch, bool(command.guards & _IN_LIST)


def _within(command: Command, branch: tuple[int, bool]) -> bool:
    """`[ -d a ] && cd a && b` goes on in `a`, and so does the rest of the branch of an `if`."""
    number, in_list = branch
    return command.branch == number and (not in_list or command.connector == "&&")


def assign_defaults(scope: ShellScope, command: Command, lookup: Lookup) -> None:
    """What `${NAME:=value}` in the words of a command sets."""
    words = (*command.argv, *(word for _, word in command.assignments))
    targets = (redirect.target for redirect in command.redirects)
    for word in (*words, *targets):
        for parameter in _assigning(word):
            value = expand_word(word._replace(parts=(parameter,)), lookup)
            scope.assign(parameter.name, value, command)


def _assigning(word: Word) -> Iterator[Parameter]:
    for part in word.parts:
        if isinstance(part, Parameter):
            if part.operand is not None:
                yield from _assigning(part.operand)
            if part.operator in (":=", "="):
                yield part


def apply_builtin(scope: ShellScope, run: "Execution", lookup: Lookup) -> None:
    """What `cd`, `export`, `source …/activate` and the like change for later commands."""
    program, words, command = run.program, run.words, run.command
    if program in ("cd", "pushd"):
        scope.move(_folder(run, lookup), command)
    elif program == "popd":
        scope.move(Unknown("popd"), command)
    elif program in ("export", "declare", "local", "readonly", "typeset"):
        _declare(scope, run)
    elif program == "unset" and "-f" not in words:
        for word in words:
            scope.assign(word, None, command)
    elif program in ("conda", "mamba", "micromamba") and words[:1] == ("activate",):
        scope.activate(_conda_name(words[1] if len(words) > 1 else "base"), command)
    elif program == "deactivate":
        scope.activate(None, command)
    elif program in ("source", "."):
        _source(scope, run)
    else:
        for name in _set_at_run_time(run):
            scope.variables.set(name, Unknown(f"{program or 'arithmetic'} sets ${name}"))
        scope.open_ended = scope.open_ended or program in _SETS_VARIABLES


def _folder(run: "Execution", lookup: Lookup) -> Value:
    targets = [a for a in run.arguments if a.text == "-" or not a.text.startswith(("-", "+"))]
    if not targets:
        home = lookup("HOME") if run.program == "cd" else None
        return home or Unknown("$HOME")
    if targets[-1].text == "-":
        return Unknown("cd -")
    return run.resolve(targets[-1].value)


def _declare(scope: ShellScope, run: "Execution") -> None:
    for argument in run.arguments:
        name, equals, value = argument.text.partition("=")
        if name.startswith("-"):
            continue
        if equals or (isinstance(argument.value, Unknown) and argument.prefix):
            known = isinstance(argument.value, str) and not run.conditional
            scope.variables.set(name, value if known else Unknown(f"${name} is not known"))
        elif run.program == "local":
            scope.variables.set(name, Unknown(f"${name} of a function"))


def _source(scope: ShellScope, run: "Execution") -> None:
    words = run.words
    if words and words[0].endswith("/bin/activate"):
        path = run.resolve(words[0])
        if len(words) > 1:  # conda's own script: `. /opt/conda/bin/activate myenv`
            scope.activate(_conda_name(words[1]), run.command)
        elif isinstance(path, str):
            scope.activate(posixpath.dirname(posixpath.dirname(path)), run.command)
    if not (words and words[0].endswith("/activate")):
        scope.open_ended = True


def _set_at_run_time(run: "Execution") -> Iterator[str]:
    """The variables that a builtin gives a value which only a run tells."""
    program, words = run.program, run.words
    if program == "read":
        yield from _names_behind(words, _READ_VALUED) or ("REPLY",)
        yield from _values_of(words, "-a")
    elif program in ("mapfile", "readarray"):
        yield from _names_behind(words, _MAPFILE_VALUED) or ("MAPFILE",)
    elif program == "printf":
        yield from _values_of(words, "-v")
    elif program == "getopts":
        yield from (*words[1:2], "OPTARG", "OPTIND")
    elif program == "let" or _is_arithmetic(run.command):
        text = " ".join(word.text for word in run.command.argv)
        if "=" in text or "++" in text or "--" in text:
            yield from _NAME.findall(text)


def _is_arithmetic(command: Command) -> bool:
    return command.argv[0].text.startswith("((")


def _names_behind(words: tuple[str, ...], valued: frozenset[str]) -> list[str]:
    remaining = iter(words)
    names = []
    for word in remaining:
        if not word.startswith("-"):
            names.append(word)
        elif word in valued or f"-{word[-1]}" in valued:  # read -rp prompt NAME
            next(remaining, None)
    return names


def _values_of(words: tuple[str, ...], option: str) -> Iterator[str]:
    return (value for word, value in itertools.pairwise(words) if word == option)


def _conda_name(name: str) -> str:
    return name if name.startswith("/") else f"conda:{name}"
