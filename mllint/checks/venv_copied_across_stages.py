"""venv-copied-across-stages: an environment is copied to where it cannot work."""

from collections.abc import Iterator

from mllint.facts.commands.entry import started_program
from mllint.facts.environments.moved_environments import (
    NO_PYTHON,
    Fault,
    MovedEnvironment,
    moved_environments,
)
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables

WORDS = ("--from",)

_HELP = {
    Fault.INTERPRETER: "build the environment in a stage FROM the image that runs it, or copy the "
    "interpreter to the same path",
    Fault.MINOR: "build the environment with the Python of the image that runs it",
    Fault.LIBC: "build the environment in a stage with the C library of the image that runs it",
    Fault.PATH: "make it where it will stand: `COPY --from={stage} {old} {old}`",
}


_NO_PYTHON_HELP = {
    Fault.INTERPRETER: "start this stage from an image that has {wanted}, or copy the interpreter "
    "to the same path",
    Fault.MINOR: "install {wanted} in this stage, or start it from an image that has it",
}


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each copied environment that does not fit the stage it comes to."""
    for stage in project.judged:
        told: set[tuple[Location, Fault]] = set()
        for moved in moved_environments(project, stage):
            key = (moved.copy.location, moved.fault)
            if key not in told:
                told.add(key)
                yield _problem(project, stage, moved)


def _problem(project: Project, stage: Stage, moved: MovedEnvironment) -> Problem:
    copy = moved.copy
    made = project.stages[copy.from_stage]
    created = copy.source_environment.created or made.location
    return Problem(
        copy.location,
        _message(moved, made.label),
        _help(moved, made.label),
        related=(
            Related(created, "the environment is made here"),
            Related(stage.location, "the image it is copied to"),
        ),
        severity=_severity(project, moved),
        stage=stage.label,
    )


def _help(moved: MovedEnvironment, made: str) -> str:
    if moved.found == NO_PYTHON:
        return _NO_PYTHON_HELP[moved.fault].format(wanted=moved.wanted)
    return _HELP[moved.fault].format(stage=made, old=moved.wanted)


def _message(moved: MovedEnvironment, made: str) -> str:
    source = moved.copy.source
    match moved.fault:
        case Fault.LIBC:
            return f"{source} of {made} is built for {moved.wanted}; this stage has {moved.found}"
        case Fault.PATH:
            return f"scripts of {source} start {moved.wanted}/bin/python; here it is {moved.found}"
        case Fault.MINOR:
            return f"{source} of {made} is for {moved.wanted}; this stage has {moved.found}"
        case Fault.INTERPRETER:
            return f"{source} of {made} links to {moved.wanted}; this stage has {moved.found}"


def _severity(project: Project, moved: MovedEnvironment) -> Severity | None:
    """A moved path breaks the scripts only: an error where the image starts one of them."""
    if moved.fault is not Fault.PATH or project.target is None:
        return None
    program = started_program(project.target)
    name = program.removeprefix(f"{moved.found}/bin/")
    scripts = {install.name for install in moved.copy.source_environment.installs}
    return None if name in scripts else Severity.WARNING
