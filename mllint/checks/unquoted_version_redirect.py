"""unquoted-version-redirect: the shell reads a version bound as a redirect."""

from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from mllint.facts.installs.version_redirects import VersionRedirect, version_redirects
from mllint.facts.project import Project
from mllint.finding import Edit, Fix, Problem
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each requirement of a RUN whose `>` or `<` the shell takes."""
    for stage in project.judged:
        for run in stage.executions:
            for lost in version_redirects(run):
                yield Problem(
                    lost.location,
                    _message(lost),
                    f"quote it: {_quoted(lost)}",
                    fix=_fix(lost),
                    stage=stage.label,
                )


def _message(lost: VersionRedirect) -> str:
    package, bound = _bare(lost.package), _bare(lost.bound)
    if lost.reads is not None:
        return (
            f"the shell takes `{bound}` behind {package} for a redirect and stops when there is no "
            f"file `{_bare(lost.reads)}`"
        )
    return (
        f"the shell takes `{bound}` for a redirect to a file `{bound[1:]}`: {package} is installed "
        "without a bound"
    )


def _quoted(lost: VersionRedirect) -> str:
    return f'"{_bare(lost.package)}{_bare(lost.bound)}"'


def _bare(text: str) -> str:
    return text.replace('"', "").replace("'", "")


def _fix(lost: VersionRedirect) -> Fix | None:
    # Inside `bash -c "…"` another pair of quotes would end the string.
    if not lost.plain or not _is_valid(_bare(lost.bound)):
        return None
    edit = Edit(lost.location, _quoted(lost))
    return Fix(f"quote {lost.package}{lost.bound}", (edit,), safe=True)


def _is_valid(bound: str) -> bool:
    """Whether pip accepts the bound once it sees it: it refuses `>=2.0.0+cu121`."""
    try:
        SpecifierSet(bound)
    except InvalidSpecifier:
        return "$" in bound
    return True
