"""A stage in, the Python interpreters outside of environments that it certainly holds, out."""

import posixpath

from packaging.version import InvalidVersion, Version

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Copy
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.images.base_image import Origin, Python
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown

# Programs that can make an interpreter, or a link to one.
_MAKERS = frozenset(
    {"ln", "cp", "mv", "tar", "make", "sed", "find", "rsync", "update-alternatives"}
)
_TOOLS = frozenset(
    {"uv", "pyenv", "conda", "mamba", "micromamba", "conda-unpack", "virtualenv", "rye"}
)
_OWN_FOLDERS = ("/usr", "/usr/local", "/usr/local/bin", "/usr/bin", "/", "/opt", "/root")
# Distribution packages that bring no Python with them, among those that images install.
_WITHOUT_PYTHON = ("lib", "ca-certificates", "curl", "wget", "git", "tini", "bash", "ffmpeg", "gcc")


def stage_pythons(stage: Stage) -> tuple[Python, ...] | Unknown:
    """The interpreters of the base image and of distribution packages; Unknown when unsure."""
    base = stage.base
    if isinstance(base.python, Unknown):
        return base.python
    found = [] if base.python is None else [base.python]
    for environment in stage.environments:
        python = environment.python
        if environment.kind is EnvironmentKind.SYSTEM and environment.prefix == "/usr/local":
            if isinstance(python, Unknown):
                return python
            if python is not None:
                found.append(python)
    for package in stage.packages:
        if package.removed:
            continue
        if package.name.startswith(("python3", "py3-")):
            python = _of_package(package.name, base.distro_python)
        elif package.name.startswith(_WITHOUT_PYTHON):
            continue
        else:  # it may depend on the distribution's Python
            python = base.distro_python
        if isinstance(python, Unknown):
            return python
        if python is not None:
            found.append(python)
    return tuple(dict.fromkeys(found))


def _of_package(name: str, default: Python | Unknown | None) -> Python | Unknown | None:
    """`python3.11-venv` -> 3.11 in /usr; `python3-pip` -> the distribution's own."""
    if not name.startswith(("python3.", "python3")) or name.startswith("python3-"):
        return default
    digits = name.removeprefix("python").partition("-")[0]  # 3.11; dnf also: 311
    if digits == "3":
        return default
    try:
        version = Version(digits if "." in digits else f"3.{digits[1:]}")
    except InvalidVersion:
        return default
    if isinstance(default, Python) and default.version.release[:2] == version.release[:2]:
        return default
    return Python(version, "/usr", Origin.PPA, externally_managed=False)


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
