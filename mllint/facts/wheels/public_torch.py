"""A stage in; the torch in it that is certainly a build for CUDA, out.

On the public index every release for Linux x86-64 is, so its version need not be known.
"""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.wheels.wheel_fit import on_x86
from mllint.facts.wheels.wheel_variant import WheelVariant, install_variant
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables


class CudaTorch(NamedTuple):
    """A torch built for CUDA that pip or uv certainly installs. text: `torch 2.5.1 from PyPI`.

    public: it comes from the public index, which holds no other build.
    """

    text: str
    version: Version | None
    install: Install
    public: bool


def cuda_torches(project: Project, stage: Stage, tables: Tables) -> Iterator[CudaTorch]:
    """The torch of each environment of the stage that is certainly a build for CUDA."""
    if not on_x86(project, stage):
        return
    for environment in stage.environments:
        found = _cuda_torch(environment, tables)
        if found is not None:
            yield found


def _cuda_torch(environment: Environment, tables: Tables) -> CudaTorch | None:
    held = environment.effective("torch")
    if not isinstance(held, Held) or held.install is None:
        return None
    install = held.install
    variant = install_variant(install, held.version, "torch", tables)
    if isinstance(variant, WheelVariant):
        if variant.cuda is None:
            return None
        version = held.version if isinstance(held.version, Version) else None
        return CudaTorch(variant.text, version, install, install.indexes.is_default)
    plain = install.installer in (Installer.PIP, Installer.UV_PIP) and install.url is None
    if not plain or not install.indexes.is_default or install.locked or install.pinned is not None:
        return None
    if isinstance(held.version, Version) and held.version < tables.torch.oldest:
        return None
    return CudaTorch("torch from PyPI", None, install, public=True)
