"""The stages of a Dockerfile and the name of a target in, the stage that ships out."""

from mllint.facts.stage import Stage
from mllint.finding import Unchecked


def target_stage(
    stages: tuple[Stage, ...], name: str | None, required: bool
) -> tuple[Stage | None, tuple[Unchecked, ...]]:
    """The stage that `--target` names, else the last one, and a note where none has that name.

    None when there is no such stage; if it is not required, the last one is taken.
    """
    found = stages[-1] if stages and name is None else _named(stages, name or "")
    if found is not None or required or not stages:
        return found, ()
    reason = f"no stage is named {name!r}, so the last one is taken"
    return stages[-1], (Unchecked(stages[-1].location, reason),)


def _named(stages: tuple[Stage, ...], name: str) -> Stage | None:
    for stage in reversed(stages):
        if stage.name is not None and stage.name.lower() == name.lower():
            return stage
    if name.isdigit() and int(name) < len(stages):
        return stages[int(name)]
    return None
