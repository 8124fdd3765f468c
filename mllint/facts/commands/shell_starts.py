"""A stage in, the ENTRYPOINT or CMD whose shell stands between the program and its signals, out."""

import shlex

from mllint.facts.commands.entry import EntryKind, entry_kind, started_scripts
from mllint.facts.images.base_image import Distro
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Instruction

# What only a shell reads: a word with one of them cannot go into the exec form as it stands.
_SHELL_SIGNS = frozenset("$`\"'\\|&;<>()*?[]{}~#\n")
_SEPARATORS = ("&&", "||", ";", "|", "\n")


class ShellStart(NamedTuple):
    """The instruction in shell form; `words` of its command, None when only a shell reads it.

    several: it runs more than one command. script: the shell script that it starts, as written.
    """

    instruction: Instruction
    words: tuple[str, ...] | None
    several: bool = False
    script: str | None = None


def shell_start(stage: Stage) -> ShellStart | None:
    """The ENTRYPOINT or CMD that dash runs as process 1 without `exec`; None where there is none.

    dash 0.5.12 starts even a single command as a child; bash replaces itself by it.
    """
    distro = stage.base.distro
    dash = isinstance(distro, Distro) and distro.name in ("debian", "ubuntu")
    if not dash or stage.shell != ("/bin/sh", "-c") or entry_kind(stage) is not EntryKind.PROGRAM:
        return None
    entries = {entry.keyword: entry for entry in stage.entry}
    entry = entries.get("ENTRYPOINT") or entries.get("CMD")
    if entry is None or entry.exec_form is not None:
        return None
    text = entry.text
    if text.startswith(("exec ", "tini ", "dumb-init ")) or "exec " in text or "trap " in text:
        return None
    script = next((word for word in started_scripts(stage) if word in text), None)
    if set(text) & _SHELL_SIGNS:
        return ShellStart(entry, None, any(sign in text for sign in _SEPARATORS), script)
    return ShellStart(entry, tuple(shlex.split(text)), script=script)
