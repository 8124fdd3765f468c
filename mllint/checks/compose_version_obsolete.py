"""compose-version-obsolete: a compose file still says which version of the format it is."""

from collections.abc import Iterator

from mllint.facts.compose.project import ComposeProject
from mllint.finding import Edit, Fix, Problem
from mllint.tables import Tables


def check_compose(project: ComposeProject, tables: Tables) -> Iterator[Problem]:
    """A problem for each file of the model with a `version`; none where a swarm may read it."""
    if project.compose.stack:
        return
    for file in project.compose.files:
        if file.version is not None:
            lines = file.version_lines
            yield Problem(
                file.version,
                "Docker Compose 2 ignores `version` and warns about it at each start",
                "delete the line" if lines else "delete `version` and its value",
                fix=Fix("delete the line", (Edit(lines, ""),), safe=True) if lines else None,
            )
