"""Executions of conda, mamba and micromamba in, environments and installs out; reads no file."""

import re

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import Value
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.images.base_image import Origin, Python
from mllint.facts.installs.install import Indexes, Install, Installer, InstallOptions
from mllint.facts.installs.opaque import opaque_install
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown
from mllint.parse.source import Location

_CONDA_VALUED = frozenset(
    {"-n", "--name", "-p", "--prefix", "-c", "--channel", "-f", "--file", "--solver", "-r"}
    | {"--root-prefix", "--platform", "--repodata-fn", "--experimental", "--freeze-installed"}
)
# A conda match spec: `pytorch::pytorch=2.1`, `cudatoolkit>=11.3`, `python=3.10.*`.
_MATCH_SPEC = re.compile(
    r"""
    (?: (?P<channel> [\w./-]+ ) :: )?
    (?P<name> [A-Za-z0-9_.-]+? )
    (?: \s* (?P<version> [=<>!~ ] .* ) )?
    $
    """,
    re.VERBOSE,
)


def apply_conda(execution: Execution, state: StageState, group: int, verb: str | None) -> None:
    """`conda install`, `conda create`, `conda env create`, `micromamba install`."""
    words = execution.words
    if verb == "env" and ("create" in words or "update" in words):
        _conda_environment_file(execution, state, group)
    elif verb in ("install", "create", "update"):
        options, specs = _conda_arguments(execution)
        draft = _conda_draft(execution, state, options, created=verb == "create")
        files = options.get("-f", [])
        channels = tuple(value for value in options.get("-c", []) if isinstance(value, str))
        for file in files:
            reason = f"the conda file {file} is not read"
            draft.installs.append(
                opaque_install(execution, state.index, group, Installer.CONDA, reason)
            )
        for text, location in specs:
            install = _conda_install(execution, state.index, group, text, location, channels)
            if install.name == "python":
                _set_conda_python(draft, install)
            else:
                draft.installs.append(install)


def _conda_environment_file(execution: Execution, state: StageState, group: int) -> None:
    options, _ = _conda_arguments(execution)
    named = "-n" in options or "-p" in options
    if named:
        draft = _conda_draft(execution, state, options, created=True)
    else:
        draft = state.environments.unknown("the conda environment file names the environment")
    reason = "the conda environment file is not read"
    draft.installs.append(opaque_install(execution, state.index, group, Installer.CONDA, reason))


def _conda_arguments(
    execution: Execution,
) -> tuple[dict[str, list[Value]], list[tuple[str, Location]]]:
    """Options by short name, and the package specs."""
    short = {"--name": "-n", "--prefix": "-p", "--channel": "-c", "--file": "-f"}
    options: dict[str, list[Value]] = {}
    specs: list[tuple[str, Location]] = []
    pending, seen_verb = "", 0
    verbs = 2 if execution.words[:1] == ("env",) or "env" in execution.words[:2] else 1
    for argument in execution.arguments:
        text = argument.text
        if pending:
            options.setdefault(short.get(pending, pending), []).append(argument.value)
            pending = ""
        elif text.startswith("-"):
            name, equals, value = text.partition("=")
            if equals:
                options.setdefault(short.get(name, name), []).append(value)
            elif text in _CONDA_VALUED:
                pending = text
            else:
                options.setdefault(text, [])
        elif seen_verb < verbs:
            seen_verb += 1
        elif isinstance(argument.value, str):
            specs.append((text, Location(execution.location.path, argument.word.span)))
    return options, specs


def _conda_draft(
    execution: Execution,
    state: StageState,
    options: dict[str, list[Value]],
    *,
    created: bool,
) -> EnvironmentDraft:
    environments = state.environments
    root = environments.conda_root or "/opt/conda"
    name, prefix = options.get("-n", [None])[-1], options.get("-p", [None])[-1]
    if prefix is not None:
        place = execution.resolve(prefix)
    elif name is not None:
        if isinstance(name, str) and name in ("base", "root"):
            place = root
        else:
            place = f"{root}/envs/{name}" if isinstance(name, str) else name
    elif execution.activated is not None:
        return environments.activated(execution.activated)
    else:
        default = execution.lookup("CONDA_DEFAULT_ENV")
        found = environments.named_conda(default) if isinstance(default, str) else None
        if found is not None:
            return found
        place = root
    if isinstance(place, Unknown):
        return environments.unknown(str(place))
    python = None if created else Unknown("the Python of this conda environment is not known")
    return environments.conda(place, python, execution.location)


def _set_conda_python(draft: EnvironmentDraft, install: Install) -> None:
    """`conda install python=3.10` decides the environment's Python."""
    version = install.exact
    if version is None and install.requirement is not None:
        for specifier in install.requirement.specifier:
            if specifier.operator == "==":
                version = Version(specifier.version.removesuffix(".*"))
    if version is not None and isinstance(draft.prefix, str):
        draft.python = Python(version, draft.prefix, Origin.CONDA, externally_managed=False)
    else:
        draft.python = Unknown("conda chooses the Python version")
    draft.kind = EnvironmentKind.CONDA


def _conda_install(
    execution: Execution,
    stage: int,
    group: int,
    text: str,
    location: Location,
    channels: tuple[str, ...],
) -> Install:
    match = _MATCH_SPEC.match(text.strip())
    name = canonicalize_name(match["name"]) if match else None
    requirement = _as_requirement(name, (match["version"] or "") if match else "")
    channel = match["channel"] if match else None
    return Install(
        installer=Installer.CONDA,
        name=name,
        requirement=requirement,
        text=text,
        location=location,
        command=execution.location,
        stage=stage,
        group=group,
        options=InstallOptions(),
        indexes=Indexes(complete=False),
        channels=(channel,) if channel else channels,
        conditional=execution.conditional,
    )


def _as_requirement(name: str | None, version: str) -> Requirement | None:
    """PEP 508 for a conda spec: `=2.1` means `==2.1.*`, `==2.1` an exact version."""
    if name is None:
        return None
    version = version.strip()
    if version.startswith("=") and not version.startswith("=="):
        plain = version[1:].partition("=")[0].rstrip("*").rstrip(".")
        version = f"=={plain}.*" if plain else ""
    try:
        return Requirement(name + version.replace(" ", ""))
    except (InvalidRequirement, InvalidVersion):
        return None
