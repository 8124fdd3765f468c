"""cache-home-not-writable: the user of the container does not find, or cannot write, the cache."""

from collections.abc import Iterator

from mllint.facts.models.caches import CacheFault, LostCache, lost_caches
from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such cache of the stage that ships."""
    stage = project.target
    if stage is None:
        return
    for lost in lost_caches(project, stage):
        yield Problem(
            location=lost.location,
            message=_message(lost),
            help=_help(lost),
            severity=Severity.INFO if lost.fault is CacheFault.DEPRECATED else None,
            stage=stage.label,
        )


def _message(lost: LostCache) -> str:
    match lost.fault:
        case CacheFault.OTHER_HOME:
            return (
                f"root fetches {lost.what} into /root/.cache, and the container runs as "
                f"{lost.user}, whose cache is elsewhere: it is fetched again"
            )
        case CacheFault.ROOT_FOLDER:
            return f"{lost.what} is in /root, which {lost.user} cannot enter"
        case CacheFault.NO_HOME:
            return (
                f"user {lost.user} has no account, so its home is /: {lost.what} cannot write "
                "to /.cache"
            )
        case CacheFault.DEPRECATED:
            return f"{lost.what} is deprecated: transformers says that version 5 drops it"


def _help(lost: LostCache) -> str:
    match lost.fault:
        case CacheFault.OTHER_HOME:
            return "set `ENV HF_HOME=/opt/hf` above the RUN, and give the folder to the user"
        case CacheFault.ROOT_FOLDER:
            return f"name a folder of the user: `ENV {lost.what}=/home/{lost.user}/.cache`"
        case CacheFault.NO_HOME:
            return f"set `ENV HOME=/tmp`, or make an account: `RUN useradd -m -u {lost.user} app`"
        case CacheFault.DEPRECATED:
            return "set HF_HOME instead: the cache is in its folder `hub`"
