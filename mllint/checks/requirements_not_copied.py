"""requirements-not-copied: pip is to read a requirements file that the stage does not hold."""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.start_folder import as_written
from mllint.facts.installs.absent_files import Absence, AbsentRequirements, absent_requirements
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each file of the context that is not there when pip reads it."""
    told: set[tuple[Location, str]] = set()
    for stage in project.judged:
        for absent in absent_requirements(project, stage):
            place = absent.fault.execution.location if absent.included else absent.fault.location
            if (place, absent.file.path) not in told:
                told.add((place, absent.file.path))
                yield Problem(
                    location=place,
                    message=_message(project, absent),
                    help=_help(absent),
                    related=tuple(_related(absent)),
                    stage=stage.label,
                )


def _message(project: Project, absent: AbsentRequirements) -> str:
    path = as_written(absent.file.path)
    if absent.later is not None:
        return f"pip reads {path} before line {absent.later.span.line} copies it"
    if absent.absence is Absence.IGNORED and project.context is not None:
        ignore = project.context.ignore_file or ".dockerignore"
        return f"pip reads {path}, and {ignore} leaves {absent.source} out of the context"
    if absent.absence is Absence.MISSPELT:
        return f"pip reads {path}, and there is no such file, but {absent.source}"
    if absent.included:
        holder = absent.fault.location.path
        return f"{holder} includes {absent.file.written}, and {path} is not copied along"
    return f"pip reads {path}, and nothing puts it there"


def _help(absent: AbsentRequirements) -> str:
    if absent.absence is Absence.IGNORED:
        return f"write `!{absent.source}` at the end of the ignore file"
    if absent.absence is Absence.MISSPELT:
        written = posixpath.dirname(absent.file.written)
        return f"write `-r {posixpath.join(written, posixpath.basename(absent.source))}`"
    return f"write `COPY {absent.source} {as_written(absent.file.path)}` above this RUN"


def _related(absent: AbsentRequirements) -> Iterator[Related]:
    if absent.later is not None:
        yield Related(absent.later, "copied only here")
    if absent.included:
        yield Related(absent.fault.location, f"{absent.file.written} is included here")
