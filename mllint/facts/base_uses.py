"""A project in, each image from outside that its judged stages begin with, out.

Says where a person would edit the image's name; knows no table and judges nothing.
"""

from collections.abc import Iterator
from typing import NamedTuple

from mllint.facts.base_image import BaseImage
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.variables import Value, expand_docker
from mllint.parse.source import Location


class BaseUse(NamedTuple):
    """An image from outside and the first FROM that names it.

    location: what a person would edit: the image in FROM, or the ARG that holds all of it.
    word: the image in FROM. arguments: location and value of each ARG that FROM puts in. stages:
    the judged stages that stand on it, those FROM another stage too.
    """

    image: BaseImage
    location: Location
    word: Location
    arguments: tuple[tuple[Location, Value], ...]
    stages: tuple[Stage, ...]

    @property
    def name(self) -> str:
        """The reference as Docker gets it."""
        return self.image.reference.text

    @property
    def choosable(self) -> bool:
        """Whether an ARG holds the beginning of the name, such as a registry, for users to set."""
        return any(
            isinstance(value, str) and self.name.startswith(value) and value != self.name
            for _, value in self.arguments
        )


def base_uses(project: Project) -> Iterator[BaseUse]:
    """Each image named by a judged stage once, in file order; `scratch` and unknown names not."""
    if project.dockerfile.templated:
        return
    roots: dict[str, list[Stage]] = {}
    for stage in project.judged:
        root = tuple(project.lineage(stage))[-1]
        roots.setdefault(root.base.reference.text, []).extend(dict.fromkeys((root, stage)))
    for text, stages in roots.items():
        if text and stages[0].base.reference.name != "scratch":
            yield _use(project, stages[0], tuple(dict.fromkeys(stages)))


def _use(project: Project, root: Stage, stages: tuple[Stage, ...]) -> BaseUse:
    written = next(root.instruction.words())
    word = Location(project.path, written.span(0, len(written.text)))
    used: dict[Location, Value] = {}

    def look(name: str) -> Value | None:
        if name not in project.global_args:
            return None
        value, place = project.global_args[name]
        used[place] = Unknown(f"ARG {name} has no default") if value is None else value
        return used[place]

    expand_docker(written.text, look, project.dockerfile.escape)
    whole = [place for place, value in used.items() if value == root.base.reference.text]
    location = whole[0] if len(used) == 1 and whole else word
    return BaseUse(root.base, location, word, tuple(used.items()), stages)
