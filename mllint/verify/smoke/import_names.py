"""An environment of the plan in, the distributions whose imports are to be tried in it out."""

from collections.abc import Mapping

from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Installer
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables

# What conda calls otherwise than the distribution that lies in site-packages.
_CONDA_NAMES = {
    **dict.fromkeys(("pytorch", "pytorch-cpu", "pytorch-gpu"), "torch"),
    **dict.fromkeys(("opencv", "py-opencv", "libopencv"), "opencv-python"),
}
# Serve to install or run others: nobody imports them.
_TOOLS = frozenset({"pip", "setuptools", "wheel", "uv", "conda", "mamba", "poetry", "pipenv"})
_MOST = 300


class WantedImports(NamedTuple):
    """What to import. distributions: canonical names, in install order.

    modules_of: what a table names for them. only_conda: those that conda alone installs: whether
    they hold Python code at all nothing tells.
    """

    distributions: tuple[str, ...]
    modules_of: Mapping[str, tuple[str, ...]]
    only_conda: frozenset[str]


def wanted_imports(environment: Environment, tables: Tables) -> WantedImports:
    """The packages that the project itself asks for, as they stand after all installs."""
    last = {each.name: each for each in environment.installs if each.name is not None}
    names: dict[str, bool] = {}
    for name, install in last.items():
        conda = install.installer is Installer.CONDA
        name = _CONDA_NAMES.get(name, name) if conda else name
        if install.uninstall or not install.direct or name in _TOOLS:
            continue
        names[name] = names.get(name, True) and conda
    wanted = tuple(names)[:_MOST]
    modules = {name: tables.import_names.modules(name) for name in wanted}
    return WantedImports(
        wanted,
        {name: found for name, found in modules.items() if found},
        frozenset(name for name in wanted if names[name]),
    )
