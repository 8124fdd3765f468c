"""torch-replaced-by-later-install: the torch that was chosen gives way to another one."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.torch_swaps import SwapCause, TorchSwap, torch_swaps
from mllint.facts.wheel_variant import WheelVariant
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each install that swaps the torch of the base image or of a chosen index."""
    seen: set[Location] = set()
    for stage in project.judged:
        for environment in stage.environments:
            for swap in torch_swaps(environment, tables):
                chosen = swap.held.install is None or _from_chosen_index(swap)
                if chosen and swap.install.location not in seen:
                    seen.add(swap.install.location)
                    yield _problem(swap, project, stage)


def _from_chosen_index(swap: TorchSwap) -> bool:
    """Whether somebody chose the build that is lost, by an index or a local version."""
    held = swap.held.install
    if held is None or not isinstance(swap.before, WheelVariant):
        return False
    return not held.indexes.is_default or bool(swap.held_version and swap.held_version.local)


def _problem(swap: TorchSwap, project: Project, stage: Stage) -> Problem:
    root = tuple(project.lineage(stage))[-1]
    held = swap.held.install
    place = root.location if held is None else held.location
    source = swap.before.source if isinstance(swap.before, WheelVariant) else "the base image"
    name = f"torch {swap.held_version}"
    if swap.cause is SwapCause.PINNER:
        change = f"{swap.install.text} requires {swap.needs}, so pip takes {name} of {source} out"
    elif swap.cause is SwapCause.UPGRADE:
        change = f"the upgrade takes {name} of {source} out for the newest torch"
    else:
        change = f"{swap.needs} takes {name} of {source} out{_other_build(swap)}"
    return Problem(
        location=swap.install.location,
        message=change,
        help=_help(swap),
        related=(Related(place, f"{name} comes from {source}"),),
        severity=None if _loses_build(swap) else Severity.WARNING,
        stage=stage.label,
    )


def _loses_build(swap: TorchSwap) -> bool:
    """Certain harm: the chosen build is known and the one that replaces it is another."""
    before, after = swap.before, swap.after
    if not isinstance(before, WheelVariant):
        return False
    if isinstance(after, WheelVariant):
        return before.variant != after.variant
    return swap.cause is SwapCause.UPGRADE and swap.install.indexes.is_default


def _other_build(swap: TorchSwap) -> str:
    before, after = swap.before, swap.after
    if isinstance(after, WheelVariant):
        if isinstance(before, WheelVariant) and before.variant != after.variant:
            return f": a {after.variant} build for a {before.variant} one"
        return f" for the {after.variant} build from {after.source}"
    return ""


def _help(swap: TorchSwap) -> str:
    pin = f"torch=={swap.held_version}"
    if swap.held.install is None:
        return f"leave torch out, or hold the base image's with a constraint: `-c` with `{pin}`"
    if swap.cause is SwapCause.PINNER:
        return f"take the release that goes with {pin}, or hold it with a constraint"
    return "install torch once, from the index that was chosen"
