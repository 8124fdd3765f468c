"""compose-version-obsolete: a compose file still says which version of the format it is."""

from collections.abc import Iterator

from mllint.facts.compose.project import ComposeProject
from mllint.finding import Edit, Fix, Problem
from mllint.parse.source import Location, Span
from mllint.tables import Tables


def check_compose(project: ComposeProject, tables: Tables) -> Iterator[Problem]:
    """A problem for each file of the model with a `version`; none where a swarm may read it."""
    if project.compose.stack:
        return
    for file in project.compose.files:
        if file.version is not None:
            yield Problem(
                file.version,
                "Docker Compose 2 ignores `version` and warns about it at each start",
                "delete the line",
                fix=Fix("delete the line", (Edit(_lines(file.version), ""),), safe=True),
            )


def _lines(place: Location) -> Location:
    """The whole lines, their ends included."""
    return Location(place.path, Span(place.span.line, 1, place.span.end_line + 1, 1))
