"""unresolvable-requirements: what one command installs cannot be had together."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.resolution import Refusal, RefusalKind
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables


def check_resolved(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each requirement whose needs the others, or a constraint, contradict."""
    for refusal in project.refusals(RefusalKind.CONFLICT):
        install = refusal.install
        yield Problem(
            install.location,
            _message(refusal),
            _help(refusal),
            tuple(_related(refusal)),
            severity=Severity.WARNING if install.tolerated else None,
            stage=project.stages[install.stage].label,
        )


def _message(refusal: Refusal) -> str:
    need, install = refusal.need, refusal.install
    if need is None:
        return f"{install.text} cannot be installed together with {_others(refusal)}"
    wants = f"{need.package} requires {need.requirement}"
    if _is_brought(refusal):
        wants = f"{install.text} brings {wants}"
    if not (refusal.beside or refusal.limits):
        return f"{wants}, and something else that it requires does not go with that"
    return f"{wants}; {_others(refusal)}"


def _is_brought(refusal: Refusal) -> bool:
    """Whether the need is that of a package which the requirement brings along."""
    name = refusal.install.name or ""
    return refusal.need is not None and not refusal.need.package.startswith(name)


def _others(refusal: Refusal) -> str:
    texts = [install.text for install in refusal.beside]
    if not texts:
        return f"a constraint holds {' and '.join(limit.text for limit in refusal.limits)}"
    verb = "the same command asks for " if refusal.need is not None else ""
    held = f", held by {refusal.limits[0].text}" if refusal.limits else ""
    return verb + " and ".join(texts[:3]) + held


def _related(refusal: Refusal) -> Iterator[Related]:
    for install in refusal.beside:
        yield Related(install.location, f"asks for {install.text}")
    for limit in refusal.limits:
        yield Related(limit.location, f"holds {limit.text}")


def _help(refusal: Refusal) -> str:
    install, fitting = refusal.install, refusal.fitting
    if fitting is not None and install.exact != fitting:
        return f"write `{install.name}=={fitting}`, which goes with the rest"
    if refusal.beside:
        return f"change {refusal.beside[0].text} to what {install.name} requires"
    return f"take another release of {install.name}"
