"""Executions of venv, virtualenv and `uv venv` in, the virtual environments they make out."""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.environments.programs import operands, python_version
from mllint.facts.images.base_image import Origin, Python
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown

_VALUED = frozenset({"-p", "--python", "--prompt", "--cache-dir", "--index-url", "--app-data"})


def make_venv(execution: Execution, state: StageState, skip: int) -> None:
    """Note what `python -m venv` or `virtualenv` makes; its arguments begin at word `skip`."""
    words = execution.words[skip:]
    python: Python | Unknown | None = state.environments.of(execution).python
    for asked in _asked_pythons(words):
        version = python_version(posixpath.basename(asked))
        python = (
            Python(version, "/usr", Origin.DISTRO, externally_managed=False)
            if version
            else Unknown(f"the Python of {asked}")
        )
    _add_venv(execution, state, list(positional(words)), python)


def make_uv_venv(execution: Execution, state: StageState) -> None:
    """Note what `uv venv` makes, and the Python that uv chooses for it."""
    words = execution.words[1:]
    python: Python | Unknown | None = state.environments.on_path(
        execution.lookup("PATH"), None
    ).python
    requested = execution.lookup("UV_PYTHON")
    for asked in _asked_pythons(words):
        requested = asked
    if isinstance(requested, str) and requested:
        version = python_version(posixpath.basename(requested))
        python = (
            Python(version, "uv", Origin.UV, externally_managed=False)
            if version
            else Unknown(f"uv chooses a Python for {requested}")
        )
    elif python is None or not state.environments.packaged:
        python = Unknown("uv takes a Python that it finds, or downloads one")
    _add_venv(execution, state, positional(words) or [".venv"], python)


def _asked_pythons(words: tuple[str, ...]) -> Iterator[str]:
    """The values of `-p X`, `-pX`, `-p=X`, `--python X` and `--python=X`, in order."""
    for position, word in enumerate(words):
        if word in ("-p", "--python"):
            yield from words[position + 1 : position + 2]
        elif word.startswith("--python="):
            yield word.partition("=")[2]
        elif word.startswith("-p"):
            yield word[2:].removeprefix("=")


def _add_venv(
    execution: Execution,
    state: StageState,
    folders: list[str],
    python: Python | Unknown | None,
) -> None:
    if isinstance(python, Python):
        python = Python(python.version, python.prefix, python.origin, externally_managed=False)
    for folder in folders:
        prefix = execution.resolve(folder)
        if isinstance(prefix, str):
            state.environments.venv(
                prefix,
                python,
                execution.location,
                system_site="--system-site-packages" in execution.words,
            )


def positional(words: tuple[str, ...]) -> list[str]:
    """The folders that a command names, as far as they are known."""
    return [word for word in operands(words, _VALUED) if word]
