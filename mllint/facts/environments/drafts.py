"""An environment while its stage is read: what installs are added to, and later frozen."""

from dataclasses import dataclass, field

from mllint.facts.environments.environment import Environment, EnvironmentKind
from mllint.facts.environments.history import History
from mllint.facts.images.base_image import BaseImage, Origin, Preinstalled, Python
from mllint.facts.installs.install import Install
from mllint.facts.unknown import Unknown
from mllint.parse.source import Location


@dataclass(slots=True, eq=False, repr=False)
class EnvironmentDraft:
    """An environment while its stage is read; see `Environment` for the fields."""

    prefix: str | Unknown
    kind: EnvironmentKind
    python: Python | Unknown | None
    preinstalled: tuple[Preinstalled, ...] | Unknown = ()
    created: Location | None = None
    system_site: bool = False
    installs: list[Install] = field(default_factory=list)

    def copy(self) -> "EnvironmentDraft":
        """A draft of its own with the same content."""
        return EnvironmentDraft(
            self.prefix,
            self.kind,
            self.python,
            self.preinstalled,
            self.created,
            self.system_site,
            list(self.installs),
        )

    def freeze(self, stage: int) -> Environment:
        """The finished environment of the stage with that index."""
        installs = tuple(self.installs)
        return Environment(
            stage,
            self.prefix,
            self.kind,
            self.python,
            installs,
            self.preinstalled,
            self.created,
            self.system_site,
            History(installs, self.preinstalled),
        )


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
