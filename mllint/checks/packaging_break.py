"""packaging-break: a package or release is asked for that pip cannot install any more."""

from collections.abc import Iterator

from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install
from mllint.facts.installs.retired import retirement, strict_pip
from mllint.facts.project import Project
from mllint.finding import Fix, Problem, Related, Severity
from mllint.parse.source import Location
from mllint.remedies import rename
from mllint.tables import Tables
from mllint.tables.distributions import RetiredPackage, RetirementFault


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each requirement that no pip of today can meet."""
    told: set[Location] = set()
    for stage, environment, install in project.installs:
        if project.settles(install) and not project.refuses(install):
            continue
        row = retirement(install, environment, stage, tables)
        if row is not None and install.location not in told:
            told.add(install.location)
            yield _problem(install, row, environment)._replace(stage=stage.label)


def _problem(install: Install, row: RetiredPackage, environment: Environment) -> Problem:
    pip = strict_pip(install, environment) if row.fault is RetirementFault.METADATA else None
    edit = rename(install, row)
    # What a retired package names is what was meant; a name that never was is a guess.
    sure = row.fault is RetirementFault.REFUSES
    return Problem(
        location=install.location,
        message=_message(install, row),
        help=f"write `{row.instead}`" if row.instead else "take a later release, or `pip<24.1`",
        related=() if pip is None else (Related(pip.location, "pip is upgraded here"),),
        fix=Fix(f"write {row.instead}", (edit,), safe=sure) if edit is not None else None,
        severity=Severity.WARNING if install.conditional else None,
    )


def _message(install: Install, row: RetiredPackage) -> str:
    if row.fault is RetirementFault.ABSENT:
        return f"the public index has no distribution named {row.package}"
    if row.fault is RetirementFault.METADATA:
        return f"pip from release 24.1 on cannot read what {install.text} requires, and refuses it"
    return f"{install.text} ends its own installation with an error: the package is retired"
