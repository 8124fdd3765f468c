"""The plan of a Dockerfile and what was measured of the image in, each prediction's verdict out."""

from collections.abc import Iterable, Iterator

from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.tables import Tables
from mllint.verify.comparing.comparison import Pair, Verdict
from mllint.verify.comparing.config import config_pairs
from mllint.verify.comparing.packages import package_pairs
from mllint.verify.comparing.system import system_pairs
from mllint.verify.comparing.system_packages import system_package_pairs
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.probing.image_facts import ImageFacts

REFUTED = "prediction-refuted"


def compare_with_image(
    project: Project, tables: Tables, facts: ImageFacts | None, image: ImageInfo
) -> tuple[Pair, ...]:
    """A pair for each fact of the stage that ships; facts: None where no probe could run."""
    stage = project.target
    if stage is None:
        return ()
    measured = facts if facts is not None else ImageFacts(complete=False)
    return (
        *system_pairs(project, stage, measured),
        *config_pairs(project, stage, image),
        *system_package_pairs(stage, measured),
        *package_pairs(project, stage, measured, tables),
    )


def refuted(pairs: Iterable[Pair]) -> Iterator[Problem]:
    """A problem of the rule REFUTED for each prediction that does not hold."""
    return (problem_of(pair) for pair in pairs if pair.verdict is Verdict.REFUTED)


def problem_of(pair: Pair) -> Problem:
    """The problem that a refuted pair is.

    Of what the project does not ask for itself it may be the plan that is wrong.
    """
    told = f"the plan says {pair.predicted}, the image has {pair.measured}"
    return Problem(
        location=pair.location,
        message=f"{pair.fact}: {told}",
        help="look for what changes it in a command or file that mllint did not read",
        severity=None if pair.declared else Severity.INFO,
    )
