"""Finished stages in, which of them is meant or ships, and what of them was not read, out."""

from collections.abc import Iterator, Sequence

from mllint.facts.stage import Stage
from mllint.facts.unknown import PerhapsUnset, Unknown
from mllint.finding import Unchecked
from mllint.parse.source import Location


def target_stage(
    stages: tuple[Stage, ...], name: str | None, required: bool
) -> tuple[Stage | None, tuple[Unchecked, ...]]:
    """The stage that `--target` names, else the last one, and a note where none has that name.

    None when there is no such stage; if it is not required, the last one is taken.
    """
    found = stages[-1] if stages and name is None else stage_named(stages, name or "")
    if found is not None or required or not stages:
        return found, ()
    reason = f"no stage is named {name!r}, so the last one is taken"
    return stages[-1], (Unchecked(stages[-1].location, reason),)


def stage_named(stages: Sequence[Stage], name: str) -> Stage | None:
    """The stage that FROM, `--from` or `--target` means by name or number; None for no stage."""
    for stage in reversed(stages):
        if stage.name is not None and stage.name.lower() == name.lower():
            return stage
    if name.isdecimal() and int(name) < len(stages):
        return stages[int(name)]
    return None


def unread_parts(stages: tuple[Stage, ...], templated: bool) -> Iterator[Unchecked]:
    """What the facts do not cover, for `--verbose`: unknown bases, opaque installs, constraints."""
    seen: set[tuple[Location, str]] = set()
    constraints: set[Unknown] = set()
    for stage in stages:
        scratch = stage.base.reference.name == "scratch"
        named = stage.parent is None and not scratch and not templated
        if named and isinstance(stage.base.distro, Unknown):
            yield Unchecked(
                stage.location, f"the base image is not fully known: {stage.base.distro}"
            )
        for environment in stage.environments:
            notes = [(install.location, install.opaque or "") for install in environment.opaque]
            for install in environment.installs:
                reason = install.constrained
                if isinstance(reason, Unknown) and reason not in constraints:
                    # PIP_CONSTRAINT of the base image holds for each pip command: told once.
                    constraints.add(reason)
                    perhaps = isinstance(reason, PerhapsUnset)
                    if not (perhaps and isinstance(stage.base.distro, Unknown)):
                        held = "versions may be held by a constraint file: " if perhaps else ""
                        notes.append((install.command, f"{held}{reason}"))
            for note in notes:
                if note not in seen:
                    seen.add(note)
                    yield Unchecked(*note)
