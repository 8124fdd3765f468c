"""torch-family-mismatch: torchvision, torchaudio or torchtext made for another torch."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.torch_builds import OddBuilds, odd_builds
from mllint.facts.wheels.torch_clashes import clashes
from mllint.facts.wheels.torch_pairs import LeftBehind, OddPair, left_behind, odd_pairs
from mllint.finding import Fix, Problem, Related, Severity
from mllint.parse.source import Location
from mllint.remedies import fit_companion
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each companion that does not fit the torch its environment ends up with."""
    seen: set[Location] = set()
    parents = {stage.parent for stage in project.judged}
    for stage in project.judged:
        for environment in stage.environments:
            pairs = (*odd_pairs(environment, tables), *clashes(environment, tables))
            for pair in pairs:
                # What a stage leaves odd, one that is FROM it may set right.
                ends = stage.index not in parents
                told = not project.settles(pair.asked) if pair.together else ends
                if told and pair.companion_at not in seen:
                    seen.add(pair.companion_at)
                    yield _pair_problem(pair, stage.label, tables)
            if stage.index in parents or any(map(project.refuses, environment.installs)):
                continue
            for builds in odd_builds(environment, tables):
                if builds.companion.location not in seen:
                    seen.add(builds.companion.location)
                    yield _build_problem(builds, stage.label)
            left = left_behind(environment, tables) if not pairs else None
            if left is not None and left.install.location not in seen:
                seen.add(left.install.location)
                yield _left_problem(left, project, stage, tables)


def _pair_problem(pair: OddPair, stage: str, tables: Tables) -> Problem:
    fitting = tables.torch.meant_for(pair.torch, pair.package) if pair.torch else None
    cure = f"take the {pair.package} that was made for {pair.held}, or {pair.needs}"
    if fitting:
        verb = "lock" if pair.locked else "write"
        cure = f"{verb} `{pair.package}=={fitting}` beside torch {pair.torch}"
    place = "this command asks for" if pair.together else "the environment holds"
    place = "an earlier command pins" if pair.pulls else place
    return Problem(
        location=pair.companion_at,
        message=f"{pair.companion} is made for {pair.needs}; {place} {pair.held}",
        help=cure,
        related=(Related(pair.torch_at, f"{pair.held} is installed here"),),
        fix=_fix(pair, fitting),
        severity=None if pair.certain else Severity.WARNING,
        stage=stage,
    )


def _fix(pair: OddPair, fitting: Version | None) -> Fix | None:
    """Write the companion's version that goes with a torch which is held to one version."""
    edit = fit_companion(pair, fitting) if fitting is not None else None
    return Fix(f"write {pair.package}=={fitting}", (edit,), safe=pair.certain) if edit else None


def _left_problem(left: LeftBehind, project: Project, stage: Stage, tables: Tables) -> Problem:
    torch = left.install
    meant = [(n, tables.torch.meant_for(torch.exact, n)) for n in left.names if torch.exact]
    fitting = [f"`{name}=={version}`" for name, version in meant if version]
    cure = " and ".join(fitting) or "the companions that go with it"
    names = " and ".join(left.companions)
    return Problem(
        location=torch.location,
        message=(f"{torch.text} leaves {names} of the base image in place, made for {left.needs}"),
        help=f"install {cure} in the same command, or leave torch to the base image",
        related=(Related(project.root(stage).location, f"brings {names}"),),
        # Whether anything imports them cannot be told.
        severity=Severity.WARNING,
        stage=stage.label,
    )


def _build_problem(builds: OddBuilds, stage: str) -> Problem:
    companion, torch = builds.companion, builds.torch
    version = "" if isinstance(companion.version, Unknown) else f" {companion.version}"
    return Problem(
        location=companion.location,
        message=(
            f"{companion.package}{version} from {companion.source} is a {companion.variant} build; "
            f"torch from {torch.source} is a {torch.variant} build"
        ),
        help=f"install {companion.package} from the same index as torch",
        related=(Related(torch.location, f"torch comes from {torch.source}"),),
        severity=None if builds.certain else Severity.WARNING,
        stage=stage,
    )
