"""A Dockerfile and who builds it in, whether plain `docker build` makes another image, out."""

from collections.abc import Iterable

from mllint.facts.compose.model import Builder
from mllint.parse.dockerfile import Dockerfile


def is_built_plainly(dockerfile: Dockerfile, builders: Iterable[Builder]) -> bool:
    """Whether it can be built with its own defaults, and no builder does so.

    A service for development with `target: dev` says nothing of the stage that ships. An ARG
    without a default that a service sets is there to be set.
    """
    builds = [builder.build for builder in builders]
    if any(build.contexts or build.inline or not (build.target or build.args) for build in builds):
        return False
    given = {arg.name for build in builds for arg in build.args}
    return given.isdisjoint(_without_default(dockerfile))


def _without_default(dockerfile: Dockerfile) -> set[str]:
    """`ARG BASE`; not where another line has `ARG BASE=…`, whose value a stage takes over."""
    arguments = [each for each in dockerfile.instructions if each.keyword == "ARG"]
    words = [word.text.partition("=") for each in arguments for word in each.words()]
    named = {name for name, _, _ in words}
    return named - {name for name, equals, _ in words if equals}
