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
        return f"{install.text} does not go together with {_others(refusal)}"
    if need.name == install.name:
        wants = f"{need.package} requires {need.requirement}"
    else:
        wants = f"{install.text} brings {need.package}, which requires {need.requirement}"
    if refusal.counter is not None:
        return f"{wants}; {refusal.counter.package} requires {refusal.counter.requirement}"
    if refusal.beside:
        return f"{wants}; the same command asks for {_others(refusal)}"
    if refusal.limits:
        return f"{wants}; a constraint holds {_held(refusal)}"
    return f"{wants}, and something else that it requires does not go with that"


def _others(refusal: Refusal) -> str:
    asked = " and ".join(install.text for install in refusal.beside[:3])
    if not asked:
        return f"the constraint {_held(refusal)}" if refusal.limits else "what it requires"
    return f"{asked}, held by {_held(refusal)}" if refusal.limits else asked


def _held(refusal: Refusal) -> str:
    return " and ".join(limit.text for limit in refusal.limits[:2])


def _related(refusal: Refusal) -> Iterator[Related]:
    for install in refusal.beside:
        yield Related(install.location, f"asks for {install.text}")
    for limit in refusal.limits:
        yield Related(limit.location, f"holds {limit.text}")


def _help(refusal: Refusal) -> str:
    install, fitting = refusal.install, refusal.fitting
    if fitting is not None and install.exact != fitting:
        return f"write `{install.name}=={fitting}`, which goes with the rest"
    if refusal.fitting_beside is not None:
        return f"write `{refusal.beside[0].name}=={refusal.fitting_beside}`, which goes with it"
    if refusal.counter is not None:
        return f"take releases of {install.name} and {refusal.counter.name} that go together"
    if refusal.beside:
        return f"change {refusal.beside[0].text} to what {install.name} requires"
    return f"take another release of {install.name}"
