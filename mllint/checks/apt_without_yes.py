"""apt-without-yes: apt asks whether to go on, and nobody is there to answer."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.system.apt_prompts import AptPrompt, apt_prompts
from mllint.finding import Edit, Fix, Problem, Severity
from mllint.parse.source import Location, Span
from mllint.tables import Tables

WORDS = ("apt",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each apt command that waits for an answer."""
    for stage in project.judged:
        for prompt in apt_prompts(stage):
            yield Problem(
                location=prompt.execution.location,
                message=_message(prompt),
                help=f"write `{prompt.execution.program} {prompt.verb} -y`",
                fix=_fix(prompt),
                severity=None if prompt.certain else Severity.WARNING,
                stage=stage.label,
            )


def _message(prompt: AptPrompt) -> str:
    command = f"{prompt.execution.program} {prompt.verb}"
    if prompt.subject is None:
        return f"{command} without -y stops where it changes other packages than those it names"
    if prompt.verb in ("remove", "purge"):
        return f"{command} without -y asks before it removes {prompt.subject}, and aborts"
    return f"{command} without -y asks, as {prompt.subject} brings others along, and aborts"


def _fix(prompt: AptPrompt) -> Fix:
    span = prompt.place.span
    end = Span(span.end_line, span.end_column, span.end_line, span.end_column)
    return Fix("add -y", (Edit(Location(prompt.place.path, end), " -y"),), safe=True)
