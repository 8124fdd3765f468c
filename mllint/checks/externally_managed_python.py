"""externally-managed-python: pip or uv is to install into a Python whose owner refuses that."""

from collections.abc import Iterator

from mllint.facts.environments.managed_python import (
    Manager,
    RefusedInstall,
    lacks_venv,
    refused_installs,
)
from mllint.facts.installs.install import Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.finding import Problem, Related
from mllint.parse.source import Location
from mllint.tables import Tables

_ADVICE = {
    Installer.PIP: "`RUN python3 -m venv /opt/venv` and `ENV PATH=/opt/venv/bin:$PATH` before it",
    Installer.UV_PIP: "`RUN uv venv /opt/venv` and `ENV VIRTUAL_ENV=/opt/venv` before it",
}


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each install command that the marker of PEP 668 stops."""
    for stage in project.judged:
        root = project.root(stage)
        for refused in refused_installs(stage):
            yield Problem(
                location=refused.execution.location,
                message=_message(refused, stage.base.reference.text),
                help=_help(refused, stage),
                related=(_origin(refused, root.location),),
                stage=stage.label,
            )


def _message(refused: RefusedInstall, image: str) -> str:
    command = "uv pip install --system" if refused.installer is Installer.UV_PIP else "pip install"
    if refused.manager is Manager.UV or refused.python is None:
        return f"`{command}` installs into the Python that uv manages, which refuses it (PEP 668)"
    return (
        f"`{command}` installs into Python {refused.python.version} of the distribution, which "
        f"{image} marks as externally managed (PEP 668)"
    )


def _help(refused: RefusedInstall, stage: Stage) -> str:
    pip = refused.installer is Installer.PIP
    package = "install python3-venv and " if pip and lacks_venv(stage) else ""
    return f"{package}write {_ADVICE[refused.installer]}, or add `--break-system-packages`"


def _origin(refused: RefusedInstall, base: Location) -> Related:
    if refused.made is not None:
        return Related(refused.made, "uv installs and marks that Python here")
    return Related(base, "the distribution of this image marks its Python")
