"""requirement-local-path: a requirement that only the machine where it was written can meet."""

from collections.abc import Iterator

from mllint.facts.installs.foreign_requirements import foreign_package, foreign_path
from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables

_SHOWN = 5  # pip stops at the first: the others are of one kind


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each list of local paths, and each package of another system."""
    lists: dict[str, tuple[str, str, list[Install]]] = {}
    told: set[Location] = set()
    for stage, environment, install in project.installs:
        path = foreign_path(install, project, stage)
        if path is not None:
            key = install.location.path
            lists.setdefault(key, (path, stage.label, []))[2].append(install)
            continue
        row = foreign_package(install, environment, stage, tables)
        if row is not None and install.location not in told:
            told.add(install.location)
            yield Problem(
                location=install.location,
                message=f"{install.text} has files for {row.system} alone, and this is Linux",
                help=f"delete this line, or add a marker for {row.system} to it",
                severity=Severity.WARNING if install.conditional else None,
                stage=stage.label,
            )
    for path, label, installs in lists.values():
        yield _path_problem(path, installs)._replace(stage=label)


def _path_problem(path: str, installs: list[Install]) -> Problem:
    first = installs[0]
    others = [each for each in installs[1:] if each.location != first.location]
    return Problem(
        location=first.location,
        message=f"{first.name} comes from {path}, and nothing puts that into the image",
        help="write NAME==VERSION, as `pip list --format=freeze` prints it",
        related=tuple(Related(each.location, f"so does {each.name}") for each in others[:_SHOWN]),
        severity=Severity.WARNING if all(each.conditional for each in installs) else None,
    )
