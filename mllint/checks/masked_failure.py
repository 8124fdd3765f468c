"""masked-failure: an install may fail, and the build goes on all the same."""

from collections.abc import Iterator

from mllint.facts.commands.exit_status import Masked
from mllint.facts.installs.masked_installs import masked_installs
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each install whose failure the RUN does not notice."""
    for stage in project.judged:
        for masked in masked_installs(stage):
            yield Problem(
                masked.execution.location,
                _message(masked),
                "write `set -o pipefail` before it, under bash"
                if masked.piped
                else "write `&&` behind it, or `set -e` before it",
                related=(Related(masked.by.location, "the RUN has the status of this command"),),
                stage=stage.label,
            )


def _message(masked: Masked) -> str:
    program, by = masked.execution.program, masked.by.program or "the last command"
    if masked.piped:
        return f"a failure of {program} is lost in the pipe: the status is that of {by}"
    return f"a failure of {program} does not stop the build: the RUN goes on, and {by} decides"
