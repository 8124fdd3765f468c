"""dockerfile-syntax: what the builder refuses before it runs anything."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.parse.source import Location, Span
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each thing that no builder accepts, and for bytes that are no text."""
    dockerfile = project.dockerfile
    # A template is not what the builder gets: `{% if gpu %}`, or a line `{extra_content}`.
    if dockerfile.templated or any(
        instruction.keyword.startswith("{") for instruction in dockerfile.instructions
    ):
        return
    # A file without any FROM may be a fragment that a script appends to another one.
    severity = None if project.stages else Severity.WARNING
    for problem in dockerfile.problems:
        location = Location(dockerfile.path, problem.span)
        yield Problem(location, problem.message, problem.help, severity=severity)
    if dockerfile.invalid is not None:
        yield Problem(
            Location(dockerfile.path, Span(dockerfile.invalid, 1, dockerfile.invalid, 1)),
            "this line holds bytes that are not UTF-8",
            "save the file as UTF-8",
            severity=Severity.WARNING,
        )
