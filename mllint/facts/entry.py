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
    words = [word for entry in entries for word in _words(entry)]
    if not words:
        return EntryKind.NONE
    names = [posixpath.basename(word) for word in words if not word.startswith("-")]
    if any(name in _INTERACTIVE for name in names):
        return EntryKind.INTERACTIVE
    if all(name in _SHELLS for name in names):
        return EntryKind.INTERACTIVE
    return EntryKind.PROGRAM


def _words(entry: Instruction) -> list[str]:
    if entry.exec_form is not None:
        return list(entry.exec_form)
    try:
        return shlex.split(entry.text)
    except ValueError:
        return entry.text.split()
