"""environment-activation-lost: a RUN activates an environment, and the next one is without it."""

from collections.abc import Iterator

from mllint.facts.environments.activations import Activation, ActivationFault, faulty_activations
from mllint.facts.project import Project
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables

WORDS = ("activate", "source")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each activation that fails or has no effect."""
    for stage in project.judged:
        for activation in faulty_activations(project, stage):
            yield _problem(activation)._replace(stage=stage.label)


def _problem(activation: Activation) -> Problem:
    place = activation.execution.location
    if activation.fault is ActivationFault.NO_SOURCE:
        return Problem(
            place,
            "RUN goes through /bin/sh, which is dash here and has no command source",
            'write `.` for `source`, or `SHELL ["/bin/bash", "-c"]` above',
        )
    if activation.fault is ActivationFault.NO_FUNCTION:
        return Problem(
            place,
            "`conda activate` is a function of the shell, and nothing in this RUN defines it",
            'write `. "$(conda info --base)/etc/profile.d/conda.sh" &&` before it, or '
            "`conda run -n NAME` before each command",
        )
    user = activation.user
    assert user is not None
    return Problem(
        place,
        f"the activation ends with this RUN: {user.program} on line {user.location.span.line} "
        "is another one",
        "write `ENV PATH=` with the bin folder of the environment in front, or do both in one RUN",
        related=(Related(user.location, "runs outside of the environment"),),
        severity=Severity.WARNING,
    )
