"""An execution of an installer in, an `Install` whose content is not known out."""

from mllint.facts.commands.executions import Execution
from mllint.facts.installs.install import Indexes, Install, Installer, InstallOptions


def opaque_install(
    execution: Execution,
    stage: int,
    group: int,
    installer: Installer,
    reason: str,
    *,
    locked: bool = False,
) -> Install:
    """An install whose content is not known, with the reason."""
    return Install(
        installer=installer,
        name=None,
        requirement=None,
        text=" ".join((execution.program, *execution.words)),
        location=execution.location,
        command=execution.location,
        stage=stage,
        group=group,
        options=InstallOptions(),
        indexes=Indexes(complete=False),
        locked=locked,
        conditional=execution.conditional,
        opaque=reason,
    )
