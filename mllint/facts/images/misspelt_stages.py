"""A project in, the names behind `--from` that are no stage's, but nearly so, out."""

from collections.abc import Iterator
from itertools import islice

from mllint.facts.commands.filesystem import Copy
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile.flags import nearest
from mllint.parse.source import Location
from mllint.tables import Tables

_SHORTEST = 4  # letters: `a1` and `a2` are two names
# Each name is compared with each stage before it; no file of a person needs more of that.
_LONGEST = 40
_NAMES = 50
_STAGES = 100


class MisspeltStage(NamedTuple):
    """A name, and the stage that is meant. idle: nothing else uses that stage."""

    name: str
    meant: Stage
    idle: bool
    location: Location
    stage: Stage


def misspelt_stages(project: Project, tables: Tables) -> Iterator[MisspeltStage]:
    """Each name that the builder takes for an image on Docker Hub, where none is known of it."""
    used = {index for stage in project.stages for index in (*stage.copied_from, stage.parent)}
    for stage, copy, name in islice(_foreign(project, tables), _NAMES):
        before = project.stages[max(stage.index - _STAGES, 0) : stage.index]
        earlier = {each.name.lower(): each for each in before if each.name}
        near = nearest(name.lower(), earlier)
        if near is not None:
            meant = earlier[near]
            place = _place(project, stage, copy)
            yield MisspeltStage(name, meant, meant.index not in used, place, stage)


def _foreign(project: Project, tables: Tables) -> Iterator[tuple[Stage, Copy, str]]:
    """What is copied or mounted from a name that is no stage's, and no known image's."""
    supplied = {name.lower().removesuffix(":latest") for name in project.options.contexts}
    for stage in project.judged:
        for copy in (*stage.copies, *(mount for run in stage.runs for mount in run.read_only)):
            name = copy.image or ""
            if _is_bare(name) and name not in tables.base_images.official and name not in supplied:
                yield stage, copy, name


def _is_bare(name: str) -> bool:
    plain = not set(name) & set("/:.@$") and not name.isdecimal()
    return plain and _SHORTEST <= len(name) <= _LONGEST


def _place(project: Project, stage: Stage, copy: Copy) -> Location:
    """The flag that holds the name."""
    for instruction in stage.instructions:
        if project.at(instruction) == copy.location:
            for flag in instruction.flags:
                if f"from={copy.image}" in f"{flag.name}={flag.value}":
                    return Location(project.path, flag.span)
    return copy.location
