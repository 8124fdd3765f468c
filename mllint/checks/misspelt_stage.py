"""misspelt-stage: `--from` names no stage of the file, but nearly one."""

from collections.abc import Iterator

from mllint.facts.images.misspelt_stages import misspelt_stages
from mllint.facts.project import Project
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables

WORDS = ("from=",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such name; lower where the stage that is meant has other users."""
    for found in misspelt_stages(project, tables):
        yield Problem(
            location=found.location,
            message=(
                f"no stage is called {found.name}, so the builder pulls an image of that name; "
                f"line {found.meant.location.span.line} calls one {found.meant.name}"
            ),
            help=f"write `from={found.meant.name}`",
            related=(Related(found.meant.location, f"the stage {found.meant.name}"),),
            severity=None if found.idle else Severity.WARNING,
            stage=found.stage.label,
        )
