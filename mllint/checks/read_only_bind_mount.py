"""read-only-bind-mount: a project is built in a bind mount, which takes no writes."""

from collections.abc import Iterator

from mllint.facts.installs.mount_builds import mount_builds
from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.tables import Tables

WORDS = ("--mount",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each command that builds below a bind mount without `rw`."""
    for stage in project.judged:
        for build in mount_builds(project, stage):
            yield Problem(
                build.execution.location,
                f"setuptools writes into {build.folder} when it builds, and the bind mount at "
                f"{build.mount.destination} takes no writes",
                "write `rw` into the mount: --mount=type=bind,…,rw",
                severity=None if build.certain else Severity.WARNING,
                stage=stage.label,
            )
