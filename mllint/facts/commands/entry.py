"""What a container of a stage starts, out of its ENTRYPOINT and CMD."""

import posixpath
import shlex
from enum import Enum

from mllint.facts.stage import Stage
from mllint.parse.dockerfile import Instruction

_SHELLS = frozenset({"bash", "sh", "zsh", "fish", "ash", "tini", "dumb-init", "sleep", "tail"})
_INTERACTIVE = frozenset(
    {"jupyter", "jupyter-lab", "jupyter-notebook", "start-notebook.sh", "sshd", "code-server"}
    | {"ipython", "zellij", "tmux", "supervisord", "init"}
)


class EntryKind(Enum):
    """Whether a container serves one program or is a place to work in."""

    PROGRAM = "program"
    INTERACTIVE = "interactive"  # a shell, a notebook, sshd, or nothing at all
    NONE = "none"


def entry_kind(stage: Stage) -> EntryKind:
    """What kind of program the stage starts; the base image's own entry point is not known."""
    entries = [entry for entry in stage.entry if entry.keyword != "HEALTHCHECK"]
    words = [word for entry in entries for word in entry_words(entry)]
    if not words:
        return EntryKind.NONE
    names = [posixpath.basename(word) for word in words if not word.startswith("-")]
    if any(name in _INTERACTIVE for name in names):
        return EntryKind.INTERACTIVE
    if all(name in _SHELLS for name in names):
        return EntryKind.INTERACTIVE
    return EntryKind.PROGRAM


# What people log in to; each of them runs beside whatever the entry point starts.
_LOGIN_PACKAGES = ("openssh-server", "xrdp", "tightvncserver", "tigervnc-standalone-server")
_LOGIN_INSTALLS = ("jupyter", "jupyterlab", "notebook", "jupyterhub")


def is_workplace(stage: Stage) -> bool:
    """Whether people work in the container: it starts no program of its own, or has a login."""
    if entry_kind(stage) is not EntryKind.PROGRAM or stage.holds_package(*_LOGIN_PACKAGES):
        return True
    return any(True for env in stage.environments for _ in env.of(*_LOGIN_INSTALLS))


def starts_script(stage: Stage) -> bool:
    """Whether a shell script is started: what runs is then told by a file that is not read."""
    entries = [entry for entry in stage.entry if entry.keyword != "HEALTHCHECK"]
    return any(word.endswith(".sh") for entry in entries for word in entry_words(entry))


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
        texts.extend((name, value if isinstance(value, str) else "unknown: cuda"))
    return any(word in text.lower() for text in texts for word in ("cuda", "gpu", "nvidia"))


def entry_words(entry: Instruction) -> list[str]:
    """The words of a CMD, ENTRYPOINT or HEALTHCHECK, of either form."""
    if entry.exec_form is not None:
        return list(entry.exec_form)
    try:
        return shlex.split(entry.text)
    except ValueError:
        return entry.text.split()
