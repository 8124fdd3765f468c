"""uv-sync-unlocked: uv sync writes a new lock when the copied one does not fit."""

from collections.abc import Iterator

from mllint.facts.installs.unchecked_locks import unchecked_locks
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each `uv sync` that is not held to the lock that it reads."""
    for found in unchecked_locks(project):
        yield Problem(
            location=found.execution.location,
            message=f"uv sync resolves anew, without a word, when {found.lock} no longer fits "
            "pyproject.toml",
            help="add `--locked`, or `--frozen` where pyproject.toml is not copied whole",
            stage=found.stage.label,
        )
