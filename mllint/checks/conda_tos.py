"""conda-tos: conda asks Anaconda's channels, and nothing accepts their terms of service."""

from collections.abc import Iterator

from mllint.facts.installs.anaconda_terms import unaccepted_terms
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the first such command of each stage."""
    for found in unaccepted_terms(project):
        verb = " ".join(word for word in found.execution.words[:2] if not word.startswith("-"))
        yield Problem(
            location=found.location,
            message=f"`conda {verb}` asks Anaconda's default channels, and no command above "
            "accepts their terms of service",
            help="install Miniforge, which asks conda-forge alone, or add `--override-channels "
            "-c conda-forge`; `conda tos accept` is a legal act",
            related=(found.source,),
            stage=found.stage.label,
        )
