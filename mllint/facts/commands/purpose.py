"""A Dockerfile and its target in, whether the image serves development or tests, out."""

import posixpath
import re

from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.regex import lazy

# `.devcontainer/Dockerfile`, `Dockerfile.dev`, `docker/ci-gpu.Dockerfile`, `AS test`
_DEVELOPMENT = lazy(
    r"""
    (?: ^ | [^a-z0-9] )
    (?: dev | devel | develop | development | devcontainer | debug | ci | tests? | testing )
    (?: [^a-z0-9] | $ )
    """,
    re.VERBOSE,
)


def serves_development(project: Project, stage: Stage) -> bool:
    """Whether a name says that the image is no one's to ship: of the file, its folders, the stage.

    Of the path only what is below the project counts, which may lie anywhere.
    """
    path = project.path if not project.path.startswith("/") else posixpath.basename(project.path)
    if project.context is not None:
        files = project.context.files
        place = files.absolute(project.path)
        path = str(place.relative_to(files.root)) if place.is_relative_to(files.root) else path
    return any(_DEVELOPMENT.search(name.lower()) for name in (path, stage.name or ""))
