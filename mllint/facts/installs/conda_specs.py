"""Conda specs in, `Install`s out; names of environments in, the one they mean out."""

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
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown
from mllint.parse.source import Location
from mllint.regex import lazy

# A conda match spec: `pytorch::pytorch=2.1`, `cudatoolkit>=11.3`, `python=3.10.*`.
_MATCH_SPEC = lazy(
    r"""
    (?: (?P<channel> [\w./-]+ ) :: )?
    (?P<name> [A-Za-z0-9_.-]+? )
    (?: \s* (?P<version> [=<>!~ ] .* ) )?
    $
    """,
    re.VERBOSE,
)


def conda_draft(
    execution: Execution,
    state: StageState,
    options: dict[str, list[Value]],
    *,
    created: bool,
) -> EnvironmentDraft:
    """The environment that `-p`, `-n` or what is activated names, else the base environment."""
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


def add_spec(
    draft: EnvironmentDraft,
    execution: Execution,
    stage: int,
    group: int,
    text: str,
    location: Location,
    channels: tuple[str, ...],
    files: tuple[str, ...] = (),
) -> None:
    """Add one conda spec to an environment; `python=3.10` decides its Python as well."""
    install = _conda_install(execution, stage, group, text, location, channels)
    if install.name == "python":
        _set_conda_python(draft, install)
    draft.installs.append(install._replace(files=files))


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
    """PEP 508 for a conda spec: `=2.1` means `==2.1.*`, `==2.1` and ` 2.1` an exact version."""
    if name is None:
        return None
    version = version.strip()
    if version[:1].isdigit():  # `numpy 1.26.4 py310_0`, the build behind the version
        version = f"=={version.split()[0]}"
    if version.startswith("==") and "," not in version:
        version = f"=={version[2:].partition('=')[0]}"  # `==2.1.0=py3.10_cuda12.1`
        version = (
            version
            if version.endswith(".*") or not version.endswith("*")
            else (version[:-1] + ".*")
        )
    if version.startswith("=") and not version.startswith("=="):
        plain = version[1:].partition("=")[0].rstrip("*").rstrip(".")
        version = f"=={plain}.*" if plain else ""
    try:
        return Requirement(name + version.replace(" ", ""))
    except (InvalidRequirement, InvalidVersion):
        return None
