"""A project in, the environments that do not see the torch of their base image, out."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environments.environment import Environment, EnvironmentKind
from mllint.facts.images.base_image import Preinstalled
from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.wheels.torch_packages import PINNERS
from mllint.named_tuple import NamedTuple

# Packages that bring a torch, as they are one or require it.
_TORCH = ("torch", *PINNERS, "sglang")


class HiddenTorch(NamedTuple):
    """An environment, the torch that it does not see, and the install that brings another."""

    stage: Stage
    environment: Environment
    held: Preinstalled
    install: Install

    @property
    def version(self) -> str:
        """The version that is hidden, empty where it is not known."""
        return str(self.held.version) if isinstance(self.held.version, Version) else ""


def hidden_torches(project: Project) -> Iterator[HiddenTorch]:
    """One for each virtual environment of a judged stage that certainly gets another torch."""
    for stage in project.judged:
        held = _torch(stage)
        if held is None:
            continue
        for environment in stage.environments:
            if environment.kind is not EnvironmentKind.VENV or environment.system_site:
                continue
            if environment.preinstalled != ():
                continue  # of the image itself, or not known
            for install in environment.of(*_TORCH):
                bare = install.options.no_deps and install.name != "torch"
                if install.stage == stage.index and not (install.conditional or bare):
                    yield HiddenTorch(stage, environment, held, install)
                    break


def _torch(stage: Stage) -> Preinstalled | None:
    """The torch that the image itself brings, where that is known."""
    held = stage.base.preinstalled
    if not isinstance(held, tuple):
        return None
    return next((package for package in held if package.name == "torch"), None)
