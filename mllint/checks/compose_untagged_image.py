"""compose-untagged-image: a service pulls whatever its image's name stands for on that day."""

from collections.abc import Iterator

from mllint.facts.compose.project import ComposeProject
from mllint.finding import Problem
from mllint.tables import Tables


def check_compose(project: ComposeProject, tables: Tables) -> Iterator[Problem]:
    """A problem for each service with an image from a registry that has no tag, or `latest`."""
    for service, reference in project.pulled():
        if service.image is None or service.image_chosen or reference.digest is not None:
            continue
        # `image: trainer` is most often what a `docker build -t trainer .` has left.
        if "/" not in reference.text and reference.name not in tables.base_images.official:
            continue
        if reference.registry.partition(":")[0] in ("localhost", "host.docker.internal"):
            continue
        if reference.tag is None:
            message = f"{reference.text} names no tag, so each pull takes the latest image"
        elif "latest" in reference.tag.split("-"):
            message = f"the tag {reference.tag} of {reference.name} moves: each pull may change it"
        else:
            continue
        advice = f"write the tag of one release: `{reference.text.partition(':')[0]}:TAG`"
        yield Problem(service.image[1], message, advice)
