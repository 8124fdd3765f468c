"""An install in, why it can be met on the machine alone where the list was made, out."""

import re

from mllint.facts.commands.filesystem import locate
from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.regex import lazy
from mllint.tables import Tables
from mllint.tables.distributions import ForeignPackage, covers

# `certifi @ file:///croot/certifi_1665076670883/work/certifi`, as `pip freeze` writes it for
# packages of conda; and the folders of people's own machines.
_ELSEWHERE = lazy(
    r"""
    file:/{1,3}
    (?: /* [A-Za-z]: [/\\]                   # a drive of Windows
      | croot/ | (?: home/ )? (?: conda/ )? feedstock_root/
      | tmp/build/80754af9/ | opt/conda/conda-bld/ | opt/concourse/
      | work/ci_py | Users/ | private/ | home/runner/ | home/ktietz/
      | io/croot/ | perseverance-python-buildout/
    )
    """,
    re.VERBOSE,
)

_WINDOWS_IMAGES = ("windows", "nanoserver", "servercore")


def foreign_path(install: Install, project: Project, stage: Stage) -> str | None:
    """The path of a build folder that no instruction puts into the image, None otherwise."""
    url = install.url
    if url is None or _ELSEWHERE.match(url) is None or install.tolerated:
        return None
    from urllib.parse import unquote

    path = "/" + unquote(url).partition(":")[2].partition("#")[0].lstrip("/")
    stages = project.stages
    found = locate(path, stage.layers, project.context, lambda index: stages[index].layers)
    return path if found is None else None


def foreign_package(
    install: Install, environment: Environment, stage: Stage, tables: Tables
) -> ForeignPackage | None:
    """The row of a package that has no file for Linux; None where it may be had."""
    if any(word in stage.base.reference.text for word in _WINDOWS_IMAGES):
        return None
    row = tables.distributions.foreign(install.name or "")
    plain = install.installer in (Installer.PIP, Installer.UV_PIP) and not install.tolerated
    if row is None or not plain or install.url is not None or install.opaque is not None:
        return None
    if not install.indexes.is_default or install.locked or isinstance(install.pinned, Unknown):
        return None
    # A range may reach below the releases of which this is known.
    if install.exact is not None and not covers(row.versions, install.exact):
        return None
    held = environment.effective_before(row.package, install)
    return row if held is None else None
