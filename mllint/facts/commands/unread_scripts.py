"""An execution in, whether it runs a script whose text the Dockerfile does not show, out."""

import posixpath

from mllint.facts.commands.executions import Execution
from mllint.facts.unknown import Unknown
from mllint.parse.shell import SHELLS

_PYTHONS = frozenset({"python", "python3"})
_ENDINGS = (".sh", ".py", ".bash")
# Scripts that are known to set variables, or to install nothing but Python packages.
_KNOWN = frozenset(
    {"setup.py", "get-pip.py", "conda.sh", "mamba.sh", "nvm.sh", "install-poetry.py", "setup.bash"}
)
_CONDA = ("anaconda", "miniconda", "miniforge", "mambaforge")


def runs_unread_script(execution: Execution) -> bool:
    """Whether it may do what no command here tells: `./setup.sh`, `curl … | bash`."""
    program, words = execution.program, execution.words
    if program in SHELLS:
        script = execution.shell_file
        if script is not None and execution.command.connector == "|":
            return True
        if script:
            return not _is_known(script)
        # bash $SCRIPT, bash -c "$(curl …)"; a text that is known is read as commands
        return any(isinstance(argument.value, Unknown) for argument in execution.arguments)
    if program in ("source", "."):
        return bool(words) and words[0].endswith(_ENDINGS) and not _is_known(words[0])
    if program in _PYTHONS:
        script = next(iter(words), "")
        return script.endswith(_ENDINGS) and not _is_known(script)
    return program.endswith(_ENDINGS) and not _is_known(program)


def _is_known(script: str) -> bool:
    name = posixpath.basename(script)
    return name in _KNOWN or name.lower().startswith(_CONDA) or "/profile.d/" in script
