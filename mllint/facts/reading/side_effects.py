"""Executions that change what later commands find: venvs, files, settings, PEP 668 markers."""

import posixpath

from mllint.facts.commands.clones import read_clone
from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Written
from mllint.facts.commands.variables import expand_word
from mllint.facts.environments.conda_installers import installed_conda
from mllint.facts.environments.programs import (
    is_interpreter,
    python_module,
    python_version,
    wanted_version,
)
from mllint.facts.environments.unread_pythons import unread_python
from mllint.facts.environments.venv_commands import make_uv_venv, make_venv, positional
from mllint.facts.images.base_image import Origin, Python
from mllint.facts.stage_state import PipBootstrap, StageState
from mllint.facts.system.system_packages import manager_verb, system_packages
from mllint.facts.unknown import Unknown
from mllint.parse.shell import SHELLS

_WRITERS = frozenset({"cp", "mv", "install", "rsync", "ln", "tee", "touch"})
_ADDS_APT_SOURCE = frozenset(
    {"add-apt-repository", "apt-add-repository", "apt-key", "add-apt-key", "extrepo"}
)
_PROFILES = (".bashrc", ".profile", ".bash_profile", "/profile", "bash.bashrc")


def apply_side_effects(execution: Execution, state: StageState) -> None:
    """Update `state` by what this execution leaves behind, installs of Python packages excepted."""
    _apply_redirects(execution, state)
    program, words = execution.program, execution.words
    state.environments.unread = state.environments.unread or unread_python(execution)
    if manager_verb(execution) is not None:
        _apply_system_packages(execution, state)
    elif is_interpreter(program) and python_module(words)[0] in ("venv", "virtualenv"):
        make_venv(execution, state, python_module(words)[1])
    elif program == "virtualenv":
        make_venv(execution, state, 0)
    elif program == "uv" and words[:1] == ("venv",):
        make_uv_venv(execution, state)
    elif program == "uv" and words[:2] == ("python", "install"):
        state.environments.uv_pythons += tuple(positional(words[2:])) or ("",)
    elif program in SHELLS or program.endswith(".sh"):
        _install_conda(execution, state)
    elif program in _ADDS_APT_SOURCE:
        state.third_party_apt = True
    elif _may_remove_marker(execution):
        _remove_marker(state)
    elif program in ("ln", "update-alternatives"):
        _alias_python(execution, state)
    elif is_interpreter(program) and any("get-pip" in word for word in words):
        _note_bootstrap(execution, state)
        state.environments.alias = wanted_version(program) or state.environments.alias
    elif is_interpreter(program) and execution.command.connector == "|" and words in ((), ("-",)):
        # curl …/get-pip.py | python3.12
        _note_bootstrap(execution, state)
        state.environments.pip_alias = wanted_version(program) or state.environments.pip_alias
    elif program == "checkinstall" or (program == "make" and "install" in words):
        _make_python(execution, state)
    elif "config" in words and (program.startswith("pip") or words[:2] == ("-m", "pip")):
        _pip_config(execution, state)
    elif program == "poetry" and words[:1] == ("config",) and len(words) >= 3:
        state.pip_settings[f"poetry:{words[-2]}"] = words[-1]
    _apply_writes(execution, state)


def _note_bootstrap(execution: Execution, state: StageState) -> None:
    """Note the Python that runs get-pip; a bare `python` of a distribution may be Python 2."""
    environments = state.environments.copy()  # to ask creates what it names
    python = environments.of(execution).python
    old = isinstance(python, Python) and python.origin is Origin.DISTRO
    if execution.program == "python" and old and not environments.alias:
        python = Unknown("which Python `python` is")
    state.bootstraps.append(PipBootstrap(execution, python))


def _apply_redirects(execution: Execution, state: StageState) -> None:
    for redirect in execution.command.redirects:
        if redirect.operator not in (">", ">>", ">|", "&>", "&>>"):
            continue
        target = execution.resolve(expand_word(redirect.target, execution.lookup))
        if isinstance(target, str) and target.startswith("/dev/"):
            continue
        place = execution.location
        state.layers.append(Written(target, place, f"{execution.program} {redirect.operator}"))
        if not isinstance(target, str):
            continue
        text = " ".join(execution.words)
        if target.endswith(_PROFILES) and "activate" in text:
            name = text.partition("activate")[2].split()
            state.profile_activates = f"conda:{name[0]}" if name else "conda:base"
        elif "/apt/sources.list" in target:
            state.third_party_apt = True


def _apply_system_packages(execution: Execution, state: StageState) -> None:
    packages = tuple(system_packages(execution))
    state.packages.extend(packages)
    for package in packages:
        name = package.name
        if package.removed or not name.startswith(("python3", "py3-", "python-is-python3")):
            continue
        if name == "python3" or name.startswith(("python3-", "py3-", "python-is-")):
            state.environments.packaged = True
        if package.manager != "apt":
            continue
        digits = name[7:].partition("-")[0]  # python3.11-venv -> .11; python3-pip -> ""
        if name.startswith("python3.") and digits.isascii() and digits[1:].isdecimal():
            origin = Origin.PPA if state.third_party_apt else Origin.DISTRO
            state.environments.distro(f"3{digits}", origin)


def _install_conda(execution: Execution, state: StageState) -> None:
    place = installed_conda(execution)
    if place is not None:
        python = Unknown("the conda installer chooses its Python")
        state.environments.conda(place, python, execution.location)


def _alias_python(execution: Execution, state: StageState) -> None:
    """`ln -sf /usr/bin/python3.11 /usr/bin/python3`, or update-alternatives to the same end."""
    words = [word for word in execution.words if is_interpreter(posixpath.basename(word))]
    places = [word for word in words if wanted_version(posixpath.basename(word)) is None]
    versions = [found for word in words if (found := wanted_version(posixpath.basename(word)))]
    if versions and any(posixpath.basename(place) == "python3" for place in places):
        state.environments.linked = versions[-1]
    # The link is a path; what it leads to may be a name beside it.
    if versions and any(isinstance(execution.resolve(p), str) and "/" in p for p in places):
        state.environments.alias = versions[-1]
    elif versions and places and execution.program == "ln":
        folder = execution.workdir
        if isinstance(folder, str) and folder.endswith("bin"):  # cd /usr/bin && ln -s python3.12 …
            state.environments.alias = versions[-1]


def _make_python(execution: Execution, state: StageState) -> None:
    """`cd Python-3.6.6 && ./configure && make install`: its pip3 comes first on PATH.

    `make altinstall` makes no `python3`: only its own name, `python3.6`, calls that one.
    """
    folder = execution.workdir
    name = "" if isinstance(folder, Unknown) else posixpath.basename(folder).lower()
    if not name.startswith(("python", "cpython")):
        return
    version = python_version(name)
    python = (
        Python(version, "/usr/local", Origin.IMAGE, externally_managed=False)
        if version
        else Unknown(f"the version of the Python in {folder}")
    )
    state.environments.built(python)


def _pip_config(execution: Execution, state: StageState) -> None:
    """`pip config set global.index-url URL`, `python -m pip config --user unset install.pre`."""
    words = execution.words
    rest = words[words.index("config") + 1 :]
    named = [word for word in rest if not word.startswith("-")]
    if named[:1] not in (["set"], ["unset"]) or len(named) < 2:
        state.pip_config_unread = state.pip_config_unread or named[:1] == ["edit"]
        return
    key = named[1].partition(".")[2].replace("_", "-")
    if execution.conditional:
        state.pip_settings[key] = Unknown(f"whether pip's {key} is set")
    elif named[0] == "set":
        state.pip_settings[key] = execution.arguments[-1].value
    else:
        state.pip_settings.pop(key, None)


def _apply_writes(execution: Execution, state: StageState) -> None:
    """Note the files and folders a command writes, so that their content counts as unknown."""
    program, words = execution.program, execution.words
    written: list[str] = []
    if program in _WRITERS:
        written = positional(words)[-1:] if program != "tee" else positional(words)
    elif program == "sed" and any(word.startswith(("-i", "--in-place")) for word in words):
        written = [word for word in words[1:] if not word.startswith("-")]
    elif program == "git":
        clone = read_clone(execution)
        written = [] if clone is None else [clone.folder]
    elif program in ("wget", "curl") or program in ("uv", "poetry", "pip-compile", "pipenv"):
        options = ("-o", "-O", "--output", "--output-file", "--output-document")
        written = [words[i + 1] for i, w in enumerate(words[:-1]) if w in options]
    elif program in ("tar", "unzip"):
        written = [words[i + 1] for i, w in enumerate(words[:-1]) if w in ("-C", "-d")]
    for path in written:
        place = execution.resolve(path)
        if program == "tee" and isinstance(place, str) and "/apt/sources.list" in place:
            state.third_party_apt = True
        if place != "/":
            state.layers.append(Written(place, execution.location, program))


def _may_remove_marker(execution: Execution) -> bool:
    """Whether PEP 668's marker may be gone behind it: `rm …/EXTERNALLY-MANAGED`, `rm $file`."""
    unknown = execution.program in ("rm", "mv") and any(
        isinstance(each.value, Unknown) and not each.prefix for each in execution.arguments
    )
    return unknown or any(
        "EXTERNALLY" in each.text + each.word.text for each in execution.arguments
    )


def _remove_marker(state: StageState) -> None:
    """Let no Python of the distribution refuse installs from here on."""
    environments = state.environments
    for draft in environments.drafts.values():
        python = draft.python
        if isinstance(python, Python) and python.externally_managed is not False:
            draft.python = Python(python.version, python.prefix, python.origin, False)
    python = environments.distro_python
    if isinstance(python, Python):
        environments.distro_python = Python(python.version, python.prefix, python.origin, False)
