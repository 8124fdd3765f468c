"""What a project says about its Python in, the one that uv or poetry takes for it out."""

import posixpath

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import Value
from mllint.facts.environments.programs import python_version
from mllint.facts.images.base_image import Origin, Python
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown

_MINORS = tuple(f"3.{minor}" for minor in range(6, 31))


def uv_python(
    execution: Execution,
    state: StageState,
    requested: Value | None,
    version_file: str | None,
    requires: str | None,
) -> Python | Unknown:
    """The Python that uv makes a project's environment with.

    requested: --python; version_file: the text of .python-version; requires: requires-python.
    """
    requested = requested if requested is not None else execution.lookup("UV_PYTHON")
    if isinstance(requested, Unknown):
        return requested
    if not requested and version_file:
        lines = (line.strip() for line in version_file.splitlines())
        requested = next((line for line in lines if line and not line.startswith("#")), "")
    if requested:
        version = python_version(posixpath.basename(requested))
        return _managed(version) if version else Unknown(f"uv chooses a Python for {requested}")
    environments = state.environments
    if environments.uv_pythons:
        versions = [python_version(text) for text in environments.uv_pythons]
        known = [found for found in versions if found is not None and accepts(requires, found)]
        if len(versions) == len(known) == 1:
            return _managed(known[0])
        return Unknown("uv chooses among the Pythons that it installed")
    return found_python(execution, state, requires) or only_python(requires)


def found_python(execution: Execution, state: StageState, requires: str | None) -> Python | None:
    """The `python3` of PATH, where it is known to be there and the project accepts it."""
    environments = state.environments
    python = environments.on_path(execution.lookup("PATH"), None).python
    certain = environments.packaged and environments.unread is None
    if not certain or not isinstance(python, Python) or not accepts(requires, python.version):
        return None
    return Python(python.version, python.prefix, python.origin, externally_managed=False)


def only_python(requires: str | None) -> Python | Unknown:
    """The one minor version that `requires-python` leaves; Unknown when it leaves several."""
    left = [minor for minor in _MINORS if requires and accepts(requires, Version(minor))]
    if len(left) == 1:
        return _managed(Version(left[0]))
    return Unknown("uv chooses the Python by the project's requires-python")


def accepts(requires: str | None, version: Version) -> bool:
    """Whether `requires-python` takes that Python; of a minor version, one of its releases."""
    try:
        specifier = SpecifierSet(requires or "")
    except InvalidSpecifier:
        return False
    last = f"{version.major}.{version.minor}.99" if len(version.release) < 3 else f"{version}"
    return specifier.contains(f"{version}") or specifier.contains(last)


def _managed(version: Version) -> Python:
    return Python(version, "uv", Origin.UV, externally_managed=False)
