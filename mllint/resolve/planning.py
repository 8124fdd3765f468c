"""A project and the options of `mllint plan --resolve` in, what its plan shows out."""

from collections.abc import Iterator, Mapping
from typing import Any

from mllint import catalog
from mllint.facts.project import Project
from mllint.facts.resolution import Answers, Refusal, RefusalKind
from mllint.finding import Unchecked
from mllint.resolve.contents import Contents
from mllint.resolve.session import Session
from mllint.tables import Tables


def resolved_plan(
    project: Project, options: Mapping[str, Any]
) -> tuple[Project, tuple[Contents, ...]]:
    """The project with the answers of the indexes, and what its environments will hold.

    What cannot be had stands among what is not known. Raises MllintError where uv cannot be run.
    """
    session = Session(options)
    resolved = session.resolve(project)
    growth = Tables(catalog.root() / "tables").wheel_growth
    contents = session.contents(project, resolved.answers or Answers(), growth)
    unknown = (*resolved.unchecked, *_refused(resolved))
    return resolved._replace(unchecked=unknown), contents


def _refused(project: Project) -> Iterator[Unchecked]:
    for refusal in project.refusals(*RefusalKind):
        reason = f"{refusal.install.text} cannot be installed: {_why(refusal)}"
        yield Unchecked(refusal.install.location, reason)


def _why(refusal: Refusal) -> str:
    """The kind, and the facts that it is about."""
    need, reason = refusal.need, str(refusal.kind.value)
    if refusal.kind is not RefusalKind.CONFLICT:
        brought = f"it brings {refusal.package}{refusal.release}, and " if need is not None else ""
        return brought + reason
    others = [each.text for each in refusal.beside] or [each.text for each in refusal.limits]
    asked = f"{' and '.join(others[:3])} is asked for as well" if others else reason
    return f"{need.package} requires {need.requirement}; {asked}" if need is not None else asked
