"""requirement-syntax: pip does not take a requirement, or takes a word for something else."""

from collections.abc import Iterator

from mllint.facts.installs.install import Installer, RequirementFault
from mllint.facts.installs.pip_mistakes import (
    MistakeKind,
    PipMistake,
    is_refused,
    pip_mistakes,
)
from mllint.facts.project import Project
from mllint.finding import Edit, Fix, Problem, Related, Severity
from mllint.parse.requirements import BadLine
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each requirement that pip refuses, and each pip command that misses a word."""
    if project.dockerfile.templated:
        return
    told: set[Location] = set()
    for stage in project.judged:
        for fault in stage.requirement_faults:
            bad, refused = fault.bad, is_refused(fault)
            if bad is not None and refused is not False and fault.location not in told:
                told.add(fault.location)
                problem = _refused(fault, bad, certain=refused is True)
                yield problem._replace(stage=stage.label)
        for mistake in pip_mistakes(stage):
            if not (mistake.execution.conditional or mistake.execution.tolerated):
                yield _mistaken(mistake)._replace(stage=stage.label)


def _refused(fault: RequirementFault, bad: BadLine, *, certain: bool) -> Problem:
    pip = "pip" if certain else "pip from release 24.1 on"
    who = pip if fault.installer is Installer.PIP else "uv"
    command = fault.execution.location
    fix = None
    if bad.instead is not None:
        edit = Edit(fault.location, bad.instead)
        fix = Fix(f"write {bad.instead}", (edit,), safe=False)
    return Problem(
        fault.location,
        f"{who} refuses this requirement: {bad.message}",
        f"write `{bad.instead}`" if bad.instead else "write NAME, or NAME==VERSION, or a URL",
        related=() if command.path == fault.location.path else (Related(command, "reads it"),),
        fix=fix,
        severity=None if certain else Severity.WARNING,
    )


def _mistaken(mistake: PipMistake) -> Problem:
    if mistake.kind is MistakeKind.NO_COMMAND:
        return Problem(
            mistake.location,
            f"pip has no command {mistake.word}: `install` is missing",
            f"write `install {mistake.word}`",
        )
    if mistake.kind is MistakeKind.MODULE_OPTION:
        return Problem(
            mistake.location,
            "pip has no option -m: that is one of python",
            "write `python3 -m pip`, or leave `-m pip` out",
        )
    return Problem(
        mistake.location,
        "pip takes the second `install` for a package, and there is one of that name",
        "delete the second `install`",
        severity=Severity.WARNING,
    )
