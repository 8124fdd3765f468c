"""A stage in, the Python interpreters outside of environments that it certainly holds, out."""

from packaging.version import InvalidVersion, Version

from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.images.base_image import Origin, Python
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown

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
