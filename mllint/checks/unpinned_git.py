"""unpinned-git: a package is built from whatever commit its repository has on that day."""

from collections.abc import Iterator

from mllint.facts.installs.git_sources import MovingSource, moving_sources
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.parse.source import Location
from mllint.tables import Tables

WORDS = ("git+", "clone", "[tool.")

# Folders whose images follow the newest state on purpose.
_SAMPLES = frozenset({"examples", "example", "tests", "test", "samples", ".devcontainer"})


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each repository that is installed without a tag or commit."""
    if _SAMPLES & set(project.path.split("/")[:-1]):
        return
    told: set[Location] = set()
    for stage in project.judged:
        for source in moving_sources(stage):
            if source.location not in told:
                told.add(source.location)
                yield Problem(
                    location=source.location,
                    message=_message(source),
                    help=_help(source),
                    stage=stage.label,
                )


def _message(source: MovingSource) -> str:
    branch = f"the branch {source.branch}" if source.branch else "its default branch"
    how = "is cloned and installed from" if source.cloned else "is installed from"
    return f"{source.what} {how} {branch}, which moves: each build takes the commit of its day"


def _help(source: MovingSource) -> str:
    if source.cloned:
        return "add `git checkout` and the commit you tested behind the clone"
    if source.branch is not None:
        return f"write the commit you tested for `@{source.branch}`"
    return "write `@` and the commit or tag you tested behind the address"
