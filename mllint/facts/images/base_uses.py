"""A project in, each image from outside that its judged stages begin with, out.

Says where a person would edit the image's name; knows no table and judges nothing.
"""

from collections.abc import Iterator

from mllint.facts.commands.variables import Value, expand_docker
from mllint.facts.images.base_image import BaseImage
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.finding import Related
from mllint.named_tuple import NamedTuple
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
    def is_placeholder(self) -> bool:
        """Whether it may be a name that the build supplies: a local image, or a context of bake.

        `FROM vllm-base:latest`, `ARG BASE=triton`. Docker Hub has such names too
        (`node`): which of them are known, the tables tell.
        """
        reference = self.image.reference
        return reference.tag in (None, "latest") and "/" not in reference.text

    @property
    def choosable(self) -> bool:
        """Whether an ARG holds the beginning of the name, such as a registry, for users to set."""
        return any(
            isinstance(value, str) and self.name.startswith(value) and value != self.name
            for _, value in self.arguments
        )

    def related(self) -> Iterator[Related]:
        """The places that name the image beside `location`."""
        if self.location != self.word:
            yield Related(self.word, "the stage is FROM it")
        for place, _ in self.arguments:
            if place != self.location:
                yield Related(place, "sets a part of the name")


def base_uses(project: Project) -> Iterator[BaseUse]:
    """Each image named by a judged stage once, in file order; `scratch` and unknown names not."""
    if project.dockerfile.templated:
        return
    uses: dict[str, dict[int, Stage]] = {}
    for stage in project.judged:
        # A stage is judged together with those it is FROM, which stand before it.
        uses.setdefault(stage.base.reference.text, {})[stage.index] = stage
    for text, stages in uses.items():
        standing = tuple(stages.values())
        if text and standing[0].base.reference.name != "scratch":
            yield _use(project, standing[0], standing)


def base_use(project: Project, stage: Stage) -> BaseUse | None:
    """The image that one stage stands on, where its own line of descent names it."""
    if project.dockerfile.templated or not stage.base.reference.text:
        return None
    return _use(project, project.root(stage), (stage,))


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
