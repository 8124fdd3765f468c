"""torch-family-mismatch: torchvision, torchaudio or torchtext made for another torch."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.torch_pairs import OddBuilds, OddPair, odd_builds, odd_pairs
from mllint.facts.unknown import Unknown
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each companion that does not fit the torch its environment ends up with."""
    seen: set[Location] = set()
    for stage in project.judged:
        for environment in stage.environments:
            for pair in odd_pairs(environment, tables):
                if pair.companion_at not in seen:
                    seen.add(pair.companion_at)
                    yield _pair_problem(pair, stage.label, tables)
            for builds in odd_builds(environment, tables):
                if builds.companion.location not in seen:
                    seen.add(builds.companion.location)
                    yield _build_problem(builds, stage.label)


def _pair_problem(pair: OddPair, stage: str, tables: Tables) -> Problem:
    release = tables.torch.release(pair.torch)
    fitting = {
        "torchvision": release.torchvision if release else (),
        "torchaudio": release.torchaudio if release else (),
    }.get(pair.package, ())
    cure = (
        f"write `{pair.package}=={fitting[-1]}` beside torch {pair.torch}"
        if fitting
        else f"take the {pair.package} that was made for torch {pair.torch}"
    )
    return Problem(
        location=pair.companion_at,
        message=(
            f"{pair.companion} is made for {pair.needs}; the environment holds torch {pair.torch}"
        ),
        help=cure,
        related=(Related(pair.torch_at, f"torch {pair.torch} is installed here"),),
        severity=None if pair.certain else Severity.WARNING,
        stage=stage,
    )


def _build_problem(builds: OddBuilds, stage: str) -> Problem:
    companion, torch = builds
    version = "" if isinstance(companion.version, Unknown) else f" {companion.version}"
    return Problem(
        location=companion.location,
        message=(
            f"{companion.package}{version} from {companion.source} is a {companion.variant} build; "
            f"torch from {torch.source} is a {torch.variant} build"
        ),
        help=f"install {companion.package} from the same index as torch",
        related=(Related(torch.location, f"torch comes from {torch.source}"),),
        stage=stage,
    )
