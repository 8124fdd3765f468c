"""A project in, the names behind `--from` that are no stage's, but nearly so, out."""

from collections.abc import Iterator

from mllint.facts.commands.filesystem import Copy
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile.flags import nearest
from mllint.parse.source import Location
from mllint.tables import Tables

_SHORTEST = 4  # `a1` and `a2` are two names


class MisspeltStage(NamedTuple):
    """A name, and the stage that is meant. idle: nothing else uses that stage."""

    name: str
    meant: Stage
    idle: bool
    location: Location
    stage: Stage


def misspelt_stages(project: Project, tables: Tables) -> Iterator[MisspeltStage]:
    """Each name that the builder takes for an image on Docker Hub, where none is known of it."""
    supplied = {name.lower().removesuffix(":latest") for name in project.options.contexts}
    used = {index for stage in project.stages for index in (*stage.copied_from, stage.parent)}
    for stage in project.judged:
        earlier = {each.name: each for each in project.stages[: stage.index] if each.name}
        for copy in (*stage.copies, *(mount for run in stage.runs for mount in run.read_only)):
            name = copy.image or ""
            if not _is_bare(name) or name in tables.base_images.official or name in supplied:
                continue
            near = nearest(name.lower(), earlier)
            if near is not None:
                meant = earlier[near]
                place = _place(project, stage, copy)
                yield MisspeltStage(name, meant, meant.index not in used, place, stage)


def _is_bare(name: str) -> bool:
    return len(name) >= _SHORTEST and not set(name) & set("/:.@$") and not name.isdecimal()


def _place(project: Project, stage: Stage, copy: Copy) -> Location:
    """The flag that holds the name."""
    for instruction in stage.instructions:
        if project.at(instruction) == copy.location:
            for flag in instruction.flags:
                if f"from={copy.image}" in f"{flag.name}={flag.value}":
                    return Location(project.path, flag.span)
    return copy.location
