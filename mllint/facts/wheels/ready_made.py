"""An extension and the torch that holds when it is installed in; whether a wheel fits it, out.

setup.py of flash-attn and its kin looks on GitHub for a wheel that was built for this torch, CUDA
and Python, and compiles when there is none.
"""

from packaging.version import Version

from mllint.facts.environments.environment import Environment
from mllint.facts.images.base_image import Python
from mllint.facts.installs.install import Install
from mllint.facts.stage import Stage
from mllint.facts.wheels.wheel_variant import WheelVariant, torch_build
from mllint.tables import Tables


def lacks_ready_made(
    install: Install, environment: Environment, stage: Stage, tables: Tables
) -> bool:
    """Whether the release certainly has no wheel for the torch that its setup.py imports."""
    if install.name is None or install.exact is None or not install.options.no_build_isolation:
        return False
    wheels = tables.builds.ready_made(install.name, install.exact)
    if wheels is None:
        return False
    torch = torch_build(environment, stage.base, stage.location, tables, install)
    if not isinstance(torch, WheelVariant) or not isinstance(torch.version, Version):
        return False
    python = environment.python.version if isinstance(environment.python, Python) else None
    return torch.cuda is not None and not wheels.may_fit(torch.version, torch.cuda, python)
