"""dockerfile-syntax: what the builder refuses before it runs anything."""

from collections.abc import Iterator
from itertools import islice

from mllint.facts.images.refused_names import refused_names
from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.parse.source import Location, Span
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the first thing that no builder accepts, and for bytes that are no text."""
    dockerfile = project.dockerfile
    if dockerfile.templated:  # it is not what the builder gets
        return
    # The builder stops at the first one; of a file that is none, the others would say nothing.
    for problem in dockerfile.problems[:1]:
        location = Location(dockerfile.path, problem.span)
        # A script may put a file that only lacks its FROM together with another one.
        severity = Severity.INFO if problem.is_fragment and not project.stages else None
        yield Problem(location, problem.message, problem.help, severity=severity)
    for name in () if dockerfile.problems else islice(refused_names(project), 1):
        yield Problem(name.location, name.message, name.help)
    if dockerfile.invalid is not None:
        yield Problem(
            Location(dockerfile.path, Span(dockerfile.invalid, 1, dockerfile.invalid, 1)),
            "this line holds bytes that are not UTF-8",
            "save the file as UTF-8",
            severity=Severity.WARNING,
        )
