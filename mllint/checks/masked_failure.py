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
                _help(masked),
                related=(Related(masked.by.location, _role(masked)),),
                stage=stage.label,
            )


def _message(masked: Masked) -> str:
    program, by = masked.execution.program, masked.by.program or "the last command"
    if masked.caught:
        return f"the `|| true` behind {by} catches a failure of {program} as well"
    if masked.piped:
        return f"a failure of {program} is lost in the pipe: the status is that of {by}"
    return f"a failure of {program} does not stop the build: the RUN goes on, and {by} decides"


def _help(masked: Masked) -> str:
    if masked.caught:
        return f"write `({masked.by.program} … || true)`, or a RUN of its own for the install"
    if masked.piped:
        return "write `set -o pipefail` before it, under bash"
    return "write `&&` behind it, or `set -e` before it"


def _role(masked: Masked) -> str:
    return "may fail" if masked.caught else "the RUN has the status of this command"
