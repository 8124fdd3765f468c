"""An execution in, the folder into which it installs conda out."""

import posixpath

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import Value
from mllint.facts.unknown import Unknown
from mllint.parse.shell import SHELLS, first_operand

_FLAGS = frozenset("bfsumith")
"""Letters of an installer's options that take no value."""
_FOLDERS = ("miniforge3", "mambaforge", "anaconda3", "miniconda3")


def installed_conda(execution: Execution) -> str | None:
    """The folder of `bash Miniconda3-py310_….sh -b -p /opt/conda`; None: no installer, or unknown.

    The batch flag tells an installer from other scripts.
    """
    script, options = _script(execution)
    letters, prefix, named = _options(options)
    if script is None or "b" not in letters or letters - _FLAGS - {"p"}:
        return None
    known = any(part in script.lower() for part in ("conda", "forge"))
    # Of `bash $F -bp /opt/conda` the options alone tell what it is.
    if not known and not (prefix and execution.program in SHELLS and _may_be(script)):
        return None
    folder = prefix if named else _default_folder(script)
    place = execution.resolve(folder) if folder else None
    return None if isinstance(place, Unknown) else place


def _may_be(script: str) -> bool:
    return not script or script.endswith(".sh")


def _script(execution: Execution) -> tuple[str | None, tuple[Value, ...]]:
    """The script that runs ("" when its name is not known) and its options."""
    if execution.program.endswith(".sh"):
        return execution.program, tuple(argument.value for argument in execution.arguments)
    at, has_command = first_operand(execution.words)
    if has_command or at >= len(execution.words):
        return None, ()
    script, *options = (argument.value for argument in execution.arguments[at:])
    return posixpath.basename(script) if isinstance(script, str) else "", tuple(options)


def _options(words: tuple[Value, ...]) -> tuple[frozenset[str], str, bool]:
    """The letters of the options, the folder, and whether one is asked for: `-b -p DIR`, `-bpDIR`.

    A `-p` without a folder (`-b -p`) asks for one, and gets none; nor is an unknown one any.
    """
    letters, named = "", False
    prefix: Value = ""
    remaining = iter(words)
    for word in remaining:
        if isinstance(word, Unknown) or not word.startswith("-") or word.startswith("--"):
            continue
        flags, p, attached = word[1:].partition("p")
        letters += flags + p
        if p:
            named, prefix = True, attached or next(remaining, "")
    return frozenset(letters), prefix if isinstance(prefix, str) else "", named


def _default_folder(script: str) -> str:
    """Where an installer goes that is given no folder: `Miniforge3-….sh` into ~/miniforge3."""
    name = script.lower()
    for folder in _FOLDERS:
        if name.startswith(folder.rstrip("3")):
            return f"/root/{folder}"
    return ""
