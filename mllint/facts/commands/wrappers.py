"""The words of a command in, the program behind its wrappers out: sudo, env, timeout, conda run."""

import posixpath
from itertools import takewhile

from mllint.facts.commands.variables import Argument, Value
from mllint.facts.unknown import Unknown

_PLAIN_WRAPPERS = frozenset({"sudo", "exec", "command", "nohup", "time", "builtin"})
_WITH_USER = frozenset({"gosu", "su-exec"})  # the first word is not the program yet
_WRAPPER_LIMIT = 20  # of `sudo env sudo env …`; what comes behind more is not looked at
_WRAPPER_VALUED = {
    "sudo": frozenset(
        {"-u", "-g", "-C", "-h", "-p", "-r", "-t", "-U", "-D", "-R", "-T", "--user", "--group"}
        | {"--chdir", "--chroot", "--host", "--prompt", "--close-from"}
    ),
    "uv": frozenset(
        {"--extra", "--no-extra", "--group", "--no-group", "--only-group", "--package", "-p"}
        | {"--python", "--with", "--with-editable", "--with-requirements", "--env-file"}
        | {"--directory", "--project", "--index", "--default-index", "--no-sync-package"}
        | {"--index-url", "--extra-index-url", "-f", "--find-links", "-i", "--index-strategy"}
    ),
    "nice": frozenset({"-n", "--adjustment"}),
    "timeout": frozenset({"-k", "-s", "--kill-after", "--signal"}),
    "env": frozenset({"-u", "-C", "-S", "--unset", "--chdir"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "ionice": frozenset({"-c", "-n", "--class", "--classdata"}),
    "time": frozenset({"-f", "-o", "--format", "--output"}),
    "runuser": frozenset({"-u", "-g", "-G", "--user", "--group", "--supp-group"}),
    "xargs": frozenset({"-n", "-I", "-P", "-L", "-d", "-a", "-s", "-E"}),
}


def unwrap(
    arguments: tuple[Argument, ...],
) -> tuple[tuple[Argument, ...], tuple[str, ...], dict[str, Value], Value | None]:
    """Take `sudo`, `env A=b`, `timeout 10`, `conda run -n x` and so on off the front."""
    wrapped: list[str] = []
    extra: dict[str, Value] = {}
    activated: Value | None = None
    while arguments and len(wrapped) < _WRAPPER_LIMIT:
        name = posixpath.basename(arguments[0].text)
        rest = arguments[1:]
        if name in _PLAIN_WRAPPERS:
            rest = _drop_options(name, rest)
            if name == "sudo":
                rest = _take_variables(rest, extra)
        elif name in _WITH_USER:
            rest = rest[1:]
        elif name == "setpriv" or (name == "runuser" and any(a.text == "-u" for a in rest)):
            rest = _drop_options(name, rest)
        elif name == "find":
            rest = _find_exec(rest)
            if not rest:
                break
        elif name in ("env", "nice", "timeout", "stdbuf", "xargs", "ionice", "catchsegv"):
            before, rest = rest, _drop_options(name, rest)
            if name == "xargs":
                rest = _with_supplied(before[: len(before) - len(rest)], rest)
            if name == "timeout":
                rest = rest[1:]
            if name == "env":
                rest = _take_variables(rest, extra)
        elif name in ("conda", "mamba", "micromamba") and rest and rest[0].text == "run":
            rest, activated = _conda_run(rest[1:])
        elif name in ("uv", "poetry", "pipenv", "pdm", "hatch") and rest and rest[0].text == "run":
            rest, activated = (
                _drop_options(name, rest[1:]),
                Unknown(f"the environment of {name} run"),
            )
            name = f"{name} run"
        else:
            break
        wrapped.append(name)
        arguments = rest
    return arguments, tuple(wrapped), extra, activated


def _take_variables(
    arguments: tuple[Argument, ...], extra: dict[str, Value]
) -> tuple[Argument, ...]:
    """What stands behind `A=b C=d`, which `env` and `sudo` give to the command."""
    pairs = tuple(takewhile(lambda each: "=" in each.text, arguments))
    for pair in pairs:
        key, _, value = pair.text.partition("=")
        known = isinstance(pair.value, str)
        extra[key] = value if known else Unknown(f"${key} is not known")
    return arguments[len(pairs) :]


def _with_supplied(
    options: tuple[Argument, ...], command: tuple[Argument, ...]
) -> tuple[Argument, ...]:
    """What xargs runs: its input stands for `{}` of `-I {}`, or behind the last word."""
    if not command:
        return command
    for position, option in enumerate(options):
        if option.text.startswith("-I"):
            mark = option.text[2:] or "".join(a.text for a in options[position + 1 : position + 2])
            return _unknown_where(command, mark, "xargs")
    return (*command, Argument(Unknown("what xargs supplies"), "", command[0].word))


def _unknown_where(command: tuple[Argument, ...], mark: str, program: str) -> tuple[Argument, ...]:
    reason = Unknown(f"what {program} supplies")
    return tuple(
        Argument(reason, a.text.partition(mark)[0], a.word) if mark and mark in a.text else a
        for a in command
    )


def _find_exec(arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """`find . -exec pip install {} ;`: the installer and its words, none for another program."""
    for position, argument in enumerate(arguments[:-1]):
        if argument.text in ("-exec", "-execdir"):
            command = arguments[position + 1 :]
            if not posixpath.basename(command[0].text).startswith(("pip", "python", "uv")):
                return ()
            end = next((i for i, a in enumerate(command) if a.text in (";", "+")), len(command))
            return _unknown_where(command[:end], "{}", "find")
    return ()


def _drop_options(name: str, arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    valued = _WRAPPER_VALUED.get(name, frozenset())
    at = 0
    while at < len(arguments) and arguments[at].text.startswith("-"):
        at += 2 if arguments[at].text in valued else 1
    return arguments[at:]


def _conda_run(arguments: tuple[Argument, ...]) -> tuple[tuple[Argument, ...], Value]:
    """`conda run [-n NAME | -p PREFIX] CMD`: what runs, and the environment (`conda:NAME`)."""
    activated: Value = "conda:base"
    valued = ("--cwd", "--log-level", "-e", "--env", "-a", "--attach", "-r", "--root-prefix")
    while arguments and arguments[0].text.startswith("-"):
        option, _, value = arguments[0].text.partition("=")
        if option in ("-n", "--name", "-p", "--prefix"):
            if not value:
                arguments = arguments[1:]
                value = arguments[0].text if arguments else ""
            activated = value if "p" in option else f"conda:{value}"
        elif option in valued and not value:
            arguments = arguments[1:]
        arguments = arguments[1:]
    return arguments, activated
