"""What a container of a stage starts, out of its ENTRYPOINT and CMD."""

import posixpath
import shlex
from collections.abc import Iterator
from enum import Enum

from mllint.facts.stage import Stage
from mllint.parse.dockerfile import Instruction
from mllint.parse.shell import SHELLS
from mllint.regex import lazy
from mllint.tables import Tables
from mllint.tables.packages import Role

_SHELLS = SHELLS | {"fish"}
_IDLE = _SHELLS | {"tini", "dumb-init", "sleep", "tail", "infinity", "true"}
_INTERACTIVE = frozenset({"start-notebook.sh", "sshd", "code-server"})
# As words behind a program they mean something else: `app init`, `run --name tmux`.
_INTERACTIVE_PROGRAMS = frozenset({"ipython", "zellij", "tmux", "supervisord", "init", "systemd"})
_BEFORE_PROGRAM = frozenset({"&&", "||", ";", "exec", "--", "sudo", "tini", "dumb-init"})
# Without a program to run, an interpreter waits for what is typed.
_INTERPRETER = lazy(r"(?:python|pypy)[\d.]*")


class EntryKind(Enum):
    """Whether a container serves one program or is a place to work in."""

    PROGRAM = "program"
    INTERACTIVE = "interactive"  # a shell, a notebook, sshd, or nothing at all
    NONE = "none"


def entry_kind(stage: Stage) -> EntryKind:
    """What kind of program the stage starts; the base image's own entry point is not known."""
    words = _unfolded(started_words(stage))
    if not words:
        return EntryKind.NONE
    modules = [word.removeprefix("-m") for word in words]  # `python -mjupyterlab`
    names = [posixpath.basename(word) for word in modules if not word.startswith("-")]
    alone = not any(word.startswith(("-c", "-m")) for word in words)
    # `/start_jupyter && /bin/bash`, `jupyter-lab`
    if any(name in _INTERACTIVE or "jupyter" in name for name in names):
        return EntryKind.INTERACTIVE
    if any(posixpath.basename(word) in _INTERACTIVE_PROGRAMS for word in _programs(words)):
        return EntryKind.INTERACTIVE
    if all(name in _IDLE for name in names) or (
        len(names) == 1 and alone and _INTERPRETER.fullmatch(names[0])
    ):
        return EntryKind.INTERACTIVE
    return EntryKind.INTERACTIVE if _hands_over_to_a_shell(stage) else EntryKind.PROGRAM


def _programs(words: list[str]) -> Iterator[str]:
    """The words that stand where a program is named: the first, and those behind `&&` or `-c`."""
    for before, word in zip(("&&", *words), words, strict=False):
        script = before.startswith("-") and before.endswith("c")
        if script or posixpath.basename(before) in _BEFORE_PROGRAM | _SHELLS:
            yield word


def _hands_over_to_a_shell(stage: Stage) -> bool:
    """`ENTRYPOINT ["/entrypoint.sh"]` with `CMD ["bash"]`: what prepares a shell to work in."""
    command = [
        word for entry in stage.entry if entry.keyword == "CMD" for word in entry_words(entry)
    ]
    names = [posixpath.basename(word) for word in command if not word.startswith("-")]
    return bool(names) and all(name in _SHELLS for name in names)


def _unfolded(words: tuple[str, ...]) -> list[str]:
    """The words, those of a text that a shell is given among them: `sh -c "jupyter lab"`."""
    found: list[str] = []
    for before, word in zip(("", *words), words, strict=False):
        if before.startswith("-") and before.endswith("c") and " " in word:
            found.extend(_split(word))
        else:
            found.append(word)
    return found


def is_workplace(stage: Stage, tables: Tables) -> bool:
    """Whether people work in the container: it starts no program of its own, or has a login.

    A login runs beside whatever the entry point starts: sshd, a notebook.
    """
    if entry_kind(stage) is not EntryKind.PROGRAM:
        return True
    packages = tables.packages
    held = {package.name for package in stage.packages if not package.removed}
    if any(packages.is_system(name, Role.LOGIN) for name in held):
        return True
    logins = packages.python(Role.LOGIN)
    return any(True for env in stage.environments for _ in env.of(*logins))


def started_scripts(stage: Stage) -> tuple[str, ...]:
    """The shell scripts among the words of what a container starts, as written."""
    words = _unfolded(started_words(stage))
    return tuple(word for word in words if word.endswith((".sh", ".bash")))


def starts_script(stage: Stage) -> bool:
    """Whether a shell script is started: what runs is then told by a file."""
    return bool(started_scripts(stage))


def started_program(stage: Stage) -> str:
    """The first word of what a container starts, as written; "" when it is not told here."""
    return next(iter(started_words(stage)), "")


def started_words(stage: Stage) -> tuple[str, ...]:
    """The words of ENTRYPOINT and CMD that a container starts with, as written."""
    entries = [entry for entry in stage.entry if entry.keyword != "HEALTHCHECK"]
    entries.sort(key=lambda entry: entry.keyword != "ENTRYPOINT")
    return tuple(word for entry in entries for word in entry_words(entry))


def replaced_entrypoint(stage: Stage) -> Instruction | None:
    """The ENTRYPOINT of the stage that leaves out the one of NVIDIA's images; None for no other."""
    for entry in stage.entry:
        if entry.keyword == "ENTRYPOINT":
            words = entry_words(entry)
            return None if any("nvidia_entrypoint" in word for word in words) else entry
    return None


def speaks_of_gpu(stage: Stage) -> bool:
    """Whether the start command or a variable names a GPU: `--device cuda`, `ENV DEVICE=gpu`."""
    texts = [word for entry in stage.entry for word in entry_words(entry)]
    for name, value in stage.env.items():
        # `ENV DEVICE=${DEVICE}` may say so; of another variable it is not to be thought.
        unknown = "cuda" if "DEVICE" in name.upper() else ""
        texts.extend((name, value if isinstance(value, str) else unknown))
    return any(word in text.lower() for text in texts for word in ("cuda", "gpu", "nvidia"))


def entry_words(entry: Instruction) -> list[str]:
    """The words of a CMD, ENTRYPOINT or HEALTHCHECK, of either form."""
    return list(entry.exec_form) if entry.exec_form is not None else _split(entry.text)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
