"""copy-source-missing: COPY names a file that the build context does not have."""

from collections.abc import Iterator

from mllint.facts.commands.missing_sources import Lack, MissingSource, missing_sources
from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each source that the builder does not find."""
    for stage in project.judged:
        for missing in missing_sources(project, stage):
            yield Problem(
                location=missing.location,
                message=_message(project, missing),
                help=_help(missing),
                severity=_severity(missing),
                stage=stage.label,
            )


def _severity(missing: MissingSource) -> Severity | None:
    """Lower where the context is a guess: half of what is absent is put there before the build."""
    if missing.certain:
        return None
    return Severity.WARNING if missing.lack is Lack.IGNORED else Severity.INFO


def _message(project: Project, missing: MissingSource) -> str:
    assert project.context is not None
    if missing.lack is Lack.IGNORED:
        ignore = project.context.ignore_file or ".dockerignore"
        return f"{ignore} leaves {missing.source} out of the context, so COPY does not find it"
    return f"the build context has no {missing.source}"


def _help(missing: MissingSource) -> str:
    if missing.lack is Lack.IGNORED:
        return f"write `!{missing.source}` at the end of the ignore file"
    return "write the path from the root of the context, or name the context with --context"
