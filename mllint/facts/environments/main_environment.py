"""A base image in, the environment that its own `python` uses out."""

from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.images.base_image import BaseImage, Origin, Python


def main_environment(base: BaseImage) -> tuple[str, EnvironmentDraft]:
    """The key and the environment: that of the image's Python, else the distribution's."""
    python = base.python
    if isinstance(python, Python):
        conda = python.origin is Origin.CONDA
        kind = EnvironmentKind.CONDA if conda else EnvironmentKind.SYSTEM
        return python.prefix, EnvironmentDraft(python.prefix, kind, python, base.preinstalled)
    if python is None:
        return "/usr", EnvironmentDraft("/usr", EnvironmentKind.SYSTEM, base.distro_python)
    return "", EnvironmentDraft(python, EnvironmentKind.SYSTEM, python, base.preinstalled)
