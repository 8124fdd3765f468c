"""dockerfile-syntax: what the builder refuses before it runs anything."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each thing in the text that no builder accepts."""
    dockerfile = project.dockerfile
    # A template (`{% if gpu %}`) is not what the builder gets.
    if dockerfile.templated:
        return
    for problem in dockerfile.problems:
        yield Problem(Location(dockerfile.path, problem.span), problem.message, problem.help)
