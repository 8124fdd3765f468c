"""dead-conda-channel: pytorch is taken from a conda channel that takes no releases any more."""

from collections.abc import Iterator

from mllint.facts.installs.ended_channels import EndedChannel, ended_channels
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the first such package of each command."""
    told: set[Location] = set()
    for found in ended_channels(project, tables):
        if found.install.command not in told:
            told.add(found.install.command)
            yield _problem(found)


def _problem(found: EndedChannel) -> Problem:
    install, ended = found.install, found.ended
    if found.beyond:
        message = (
            f"the conda channel {ended.channel} ended with {ended.package} {ended.newest}; "
            f"{install.text} is not there"
        )
    else:
        message = (
            f"{install.text} comes from the conda channel {ended.channel}, which ended with "
            f"{ended.newest}: it gets no newer release"
        )
    return Problem(
        location=install.location,
        message=message,
        help=f"take it with pip or from conda-forge, or write `{ended.package}={ended.newest}` to "
        "stay with the last release",
        stage=found.stage.label,
    )
