"""torch-replaced-by-later-install: the torch that was chosen gives way to another one."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.torch_swaps import SwapCause, TorchSwap, torch_swaps
from mllint.facts.wheels.wheel_variant import WheelVariant
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each install that swaps the torch of the base image or of a chosen index."""
    seen: set[Location] = set()
    for stage in project.judged:
        root = project.root(stage).location
        for environment in stage.environments:
            for swap in torch_swaps(environment, stage.base, root, tables):
                known = swap.install.location in seen or project.refuses(swap.install)
                if not known and _is_choice_lost(swap):
                    seen.add(swap.install.location)
                    yield _problem(swap, root, stage.label)


def _is_choice_lost(swap: TorchSwap) -> bool:
    """Whether somebody chose the torch that goes: by a base image, an index, a local version."""
    before, after, held = swap.before, swap.after, swap.held.install
    if held is None or not isinstance(before, WheelVariant):
        return held is None
    if isinstance(after, WheelVariant) and before.variant == after.variant and swap.chooses_build:
        return False
    return not held.indexes.is_default or bool(swap.held_version and swap.held_version.local)


def _problem(swap: TorchSwap, root: Location, stage: str) -> Problem:
    place = swap.held.install.location if swap.held.install else root
    name, source = f"torch {swap.held_version}", swap.source
    if swap.cause is SwapCause.PINNER:
        package = swap.install.text + (f" (the newest, {swap.newest})" if swap.newest else "")
        change = f"{package} requires {swap.needs}, so pip takes {name} of {source} out"
    elif swap.cause is SwapCause.UPGRADE:
        change = f"the upgrade takes {name} of {source} out for the newest torch"
    else:
        change = f"{swap.what} takes {name} of {source} out{_other_build(swap)}"
    return Problem(
        location=swap.install.location,
        message=change,
        help=_help(swap),
        related=(Related(place, f"{name} comes from {source}"),),
        severity=_severity(swap),
        stage=stage,
    )


def _severity(swap: TorchSwap) -> Severity | None:
    """An error where the build is known to change, an info where that is plainly meant."""
    before, after = swap.before, swap.after
    if swap.held.install is None:
        if swap.chooses_build:
            return Severity.INFO
        if swap.cause is SwapCause.PINNER:
            return Severity.WARNING
        # NVIDIA's own build goes, and what the image compiled against it stays.
        own_build = bool(swap.held_version and swap.held_version.is_prerelease)
        return None if own_build or _is_other_major(before, after) else Severity.WARNING
    if isinstance(before, WheelVariant) and isinstance(after, WheelVariant):
        return None if before.variant != after.variant else Severity.WARNING
    upgraded = swap.cause is SwapCause.UPGRADE and swap.install.indexes.is_default
    return None if upgraded else Severity.WARNING


def _is_other_major(before: WheelVariant | Unknown, after: WheelVariant | Unknown) -> bool:
    if not (isinstance(before, WheelVariant) and isinstance(after, WheelVariant)):
        return False
    return (before.cuda and before.cuda.major) != (after.cuda and after.cuda.major)


def _other_build(swap: TorchSwap) -> str:
    before, after = swap.before, swap.after
    if not isinstance(after, WheelVariant):
        return ""
    if isinstance(before, WheelVariant) and swap.held.install and before.variant != after.variant:
        return f": a {after.variant} build for a {before.variant} one"
    return f" for the {after.variant} build from {after.source}"


def _help(swap: TorchSwap) -> str:
    pin = f"torch=={swap.held_version}"
    if swap.fitting is not None:
        return f"write `{swap.install.name}=={swap.fitting}`, which goes with {pin}"
    if swap.cause is SwapCause.PINNER or swap.install.is_brought:
        fixed = swap.install.exact is not None and not swap.install.is_brought
        hold = "install it with `--no-deps`" if fixed else f"give `-c` a file with `{pin}`"
        return f"take the release that goes with {pin}, or {hold}"
    if swap.held.install is None:
        return f"leave torch out, or hold the base image's with a constraint: `-c` with `{pin}`"
    return "install torch once, from the index that was chosen"
