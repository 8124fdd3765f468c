"""env-from-command: ENV takes its value from a command or a shell, and Docker runs neither."""

from collections.abc import Iterator

from mllint.facts.commands.literal_commands import literal_commands
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each value that is not what it reads like."""
    for stage in project.judged:
        for variable in literal_commands(stage):
            yield Problem(
                variable.location,
                f"{variable.keyword} runs no command: {variable.name} is the text as it stands",
                f"write `RUN {variable.name}=… && …` in the RUN that needs it, or a fixed value",
                stage=stage.label,
            )
        for lost in stage.lost_variables:
            yield Problem(
                lost.location,
                f"${lost.name} is empty here: line {lost.set_at.span.line} set it in the shell of "
                "its RUN, which is gone",
                f"write `ARG {lost.name}=` or `ENV {lost.name}=` with the value above",
                related=(Related(lost.set_at, f"{lost.name} is set for this RUN alone"),),
                stage=stage.label,
            )
