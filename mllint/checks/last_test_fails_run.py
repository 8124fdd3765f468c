"""last-test-fails-run: a RUN ends in `[ … ] && command`, and fails where the test does."""

from collections.abc import Iterator

from mllint.facts.commands.closing_tests import closing_test
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.tables import Tables

WORDS = ("[ ", "test")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each RUN whose last list hangs on the test of a variable."""
    for stage in project.judged:
        for run in stage.runs:
            found = closing_test(run, stage)
            if found is not None:
                program = found.last.program or "the command"
                yield Problem(
                    found.test.location,
                    f"the RUN fails when this test is false, and does not just leave {program} out",
                    "write `if [ … ]; then …; fi`",
                    related=(Related(found.last.location, "the last command of the RUN"),),
                    stage=stage.label,
                )
