"""Commands and copies in, whether they may bring a Python that is not shown, out."""

import posixpath

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Copy
from mllint.facts.unknown import Unknown

# Programs that can make an interpreter, or a link to one.
_MAKERS = frozenset(
    {"ln", "cp", "mv", "tar", "make", "sed", "find", "rsync", "update-alternatives"}
)
_TOOLS = frozenset(
    {"uv", "pyenv", "conda", "mamba", "micromamba", "conda-unpack", "virtualenv", "rye"}
)
_OWN_FOLDERS = ("/usr", "/usr/local", "/usr/local/bin", "/usr/bin", "/", "/opt", "/root")
_INSTALLERS = frozenset({"pyenv", "asdf", "rye", "mise", "brew", "nix-env", "conda-unpack"})
_UNPACKERS = frozenset({"tar", "bsdtar", "unzip", "checkinstall", "dpkg", "rpm", "apt"})


def unread_python(run: Execution) -> str | None:
    """Why a command may put a `python3` on PATH that is not the distribution's; None: it does not.

    Commands whose Python is told otherwise (`make install` in its source, conda, uv) are not asked.
    """
    words = run.words
    if run.program.endswith(".sh"):
        return f"{run.program} may install a Python"
    script = run.shell_file
    sourced = run.program in ("source", ".") or run.command.connector == "|"
    if script is not None and (sourced or script.endswith(".sh")):
        named = posixpath.basename(script) or f"what {run.program} reads"
        return f"{named} may install a Python" if not script.endswith("activate") else None
    if run.program in _INSTALLERS:
        return f"{run.program} may install a Python"
    about = any("python" in word.lower() or "conda" in word.lower() for word in words)
    folder = "" if isinstance(run.workdir, Unknown) else run.workdir.lower()
    if run.program in _UNPACKERS and (about or "python" in folder or run.command.connector == "|"):
        return f"{run.program} may install a Python"
    if run.program in ("cp", "mv", "rsync", "ln") and about and _on_path(words):
        return f"{run.program} may put a Python on PATH"
    return None


def _on_path(words: tuple[str, ...]) -> bool:
    """Whether the last word is a folder, or in one, that stands in every PATH."""
    return bool(words) and words[-1].startswith(("/usr", "/bin"))


def changes_python(run: Execution, prefix: str) -> bool:
    """Whether a command may make an interpreter, or put the environment at `prefix` right."""
    if run.program in _TOOLS or run.program.endswith(".sh") or "relocatable" in run.words:
        return True
    if run.program.startswith("python") and run.words[:2] == ("-m", "venv"):
        return True
    return run.program in _MAKERS and any(
        "python" in word or (prefix and prefix in word) or "altinstall" in word
        for word in run.words
    )


def brings_python(copy: Copy, own: tuple[str, str]) -> bool:
    """Whether a COPY from a stage or image may bring an interpreter besides the environment.

    own: source and prefix of the environment itself.
    """
    if copy.from_context:
        return False
    if isinstance(copy.destination, Unknown) or any(isinstance(s, Unknown) for s in copy.sources):
        return True
    for source in map(str, copy.sources):
        path = "/" + source.strip("/")
        if path == own[0] or posixpath.normpath(copy.destination).startswith(own[1] or "\0"):
            continue
        if path in _OWN_FOLDERS or ("site-packages" not in path and "python" in path):
            return True
        if "/uv" in path and not path.endswith(("/uv", "/uvx")):
            return True
        if path.startswith("/root/.local/share"):
            return True
    return False
