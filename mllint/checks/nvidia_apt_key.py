"""nvidia-apt-key: apt-get update on an image that has only NVIDIA's key of before April 2022."""

from collections.abc import Iterator

from mllint.facts.images.base_uses import base_uses
from mllint.facts.project import Project
from mllint.facts.system.stale_keys import stale_key_request
from mllint.finding import Problem, Related
from mllint.tables import Tables

WORDS = ("apt",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the first command of each image that cannot verify NVIDIA's packages."""
    for use in base_uses(project):
        request = stale_key_request(use.image, use.stages, tables)
        if request is not None:
            yield Problem(
                location=request.location,
                message=f"NVIDIA's package lists are signed by a key of April 2022, and {use.name} "
                "is older and has none but the one before",
                help="write `rm -f /etc/apt/sources.list.d/cuda.list "
                "/etc/apt/sources.list.d/nvidia-ml.list` before it, or take a newer image",
                related=(Related(use.location, "the image names NVIDIA's servers as a source"),),
                stage=use.stages[0].label,
            )
