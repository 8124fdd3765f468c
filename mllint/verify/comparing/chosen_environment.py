"""A stage and the interpreter that was measured in, the environment of the plan that it is out."""

import posixpath

from mllint.facts.environments.environment import Environment, EnvironmentKind
from mllint.facts.environments.interpreters import UNKNOWN_PATH
from mllint.facts.images.base_image import Python
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.verify.probing.image_facts import ImageFacts, Interpreter

NO_PROBE = "no probe ran in the image"


def environment_of(stage: Stage, facts: ImageFacts) -> Environment | None:
    """The environment that the probe ran in; None where the plan knows of none there."""
    interpreter = facts.interpreter
    if interpreter is None:
        return expected_environment(stage)
    minor = interpreter.version.split(".")[:2]
    found = [env for env in _usable(stage) if env.prefix == interpreter.prefix]
    if not found and isinstance(expected_prefix(stage), Unknown):
        # Of a base image that is not known: its Python is where it was found.
        expected = expected_environment(stage)
        return expected if first_prefix(interpreter) == interpreter.prefix else None
    if len(found) > 1:
        # `/usr` holds the distribution's Python and another one of a third-party source.
        found = [env for env in found if _minor(env) == minor] or found
    return found[0] if found else None


def expected_environment(stage: Stage) -> Environment | None:
    """The environment of the Python that the container starts with; None: not known."""
    expected = expected_prefix(stage)
    found = [env for env in _usable(stage) if env.prefix == expected]
    return found[0] if len(found) == 1 else None


def expected_prefix(stage: Stage) -> str | Unknown:
    """The folder of the Python that `python3` means when the container starts."""
    path = stage.env.get("PATH")
    if isinstance(path, Unknown):
        return path
    prefixes = {environment.prefix for environment in _usable(stage)}
    for folder in (path or "").split(":"):
        if folder == UNKNOWN_PATH:
            break
        prefix = posixpath.dirname(posixpath.normpath(folder)) if folder else ""
        if prefix in prefixes:
            return prefix
    python = stage.base.python
    if isinstance(python, Unknown):
        return python
    if isinstance(python, Python):
        return python.prefix
    known = [prefix for prefix in prefixes if prefix in ("/usr", "/usr/local")]
    return known[0] if len(known) == 1 else Unknown("which Python comes first on PATH")


def first_prefix(interpreter: Interpreter) -> str | None:
    """The folder of the Python that comes first on PATH, whichever ran the probe."""
    found = interpreter.program("python3") or interpreter.program("python")
    path = found.path if found is not None else None
    if path is None:
        return None
    if path == interpreter.executable:
        return interpreter.prefix
    folder = posixpath.dirname(posixpath.dirname(path))
    return "/usr" if folder == "/" else folder


def _usable(stage: Stage) -> list[Environment]:
    return [env for env in stage.environments if env.kind is not EnvironmentKind.TARGET]


def _minor(environment: Environment) -> list[str]:
    python = environment.python
    return str(python.version).split(".")[:2] if isinstance(python, Python) else []
