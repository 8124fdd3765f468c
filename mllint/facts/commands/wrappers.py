"""The words of a command in, the program behind its wrappers out: sudo, env, timeout, conda run."""

import posixpath
from itertools import takewhile

from mllint.facts.commands.variables import Argument, Value
from mllint.facts.unknown import Unknown

_WRAPPERS = frozenset(
    {"sudo", "exec", "command", "nohup", "time", "builtin", "env", "nice", "timeout", "stdbuf"}
    | {"xargs", "ionice", "catchsegv", "setpriv", "runuser"}
)
_CONDA = frozenset({"conda", "mamba", "micromamba"})
_RUNNERS = frozenset({"uv", "poetry", "pipenv", "pdm", "hatch"})
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
        name, rest = posixpath.basename(arguments[0].text), arguments[1:]
        runs = bool(rest) and rest[0].text == "run"
        if runs and name in _CONDA:
            arguments, activated = _conda_run(rest[1:])
        elif runs and name in _RUNNERS:
            arguments, name = _drop_options(name, rest[1:]), f"{name} run"
            activated = Unknown(f"the environment of {name}")
        else:
            behind = _behind(name, rest, extra)
            if behind is None:
                break
            arguments = behind
        wrapped.append(name)
    return arguments, tuple(wrapped), extra, activated


def _behind(
    name: str, words: tuple[Argument, ...], extra: dict[str, Value]
) -> tuple[Argument, ...] | None:
    """The command behind a wrapper that enters no environment, None when it is no wrapper.

    extra: gets the variables that `env` and `sudo` set.
    """
    if name in _WITH_USER:
        return words[1:]
    if name == "find":
        return _find_exec(words) or None
    if name not in _WRAPPERS or (name == "runuser" and all(a.text != "-u" for a in words)):
        return None
    behind = _drop_options(name, words)
    if name == "xargs":
        return _with_supplied(words[: len(words) - len(behind)], behind)
    if name == "timeout":
        return behind[1:]
    return _without_settings(behind, extra) if name in ("env", "sudo") else behind


def _without_settings(words: tuple[Argument, ...], extra: dict[str, Value]) -> tuple[Argument, ...]:
    """The words behind the `A=b` of `env` and `sudo`, which go into `extra`."""
    pairs = tuple(takewhile(lambda each: "=" in each.text, words))
    for pair in pairs:
        key, _, value = pair.text.partition("=")
        known = isinstance(pair.value, str)
        extra[key] = value if known else Unknown(f"${key} is not known")
    return words[len(pairs) :]


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
