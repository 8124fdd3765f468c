"""What a build is made from, as a value: the plan of a Dockerfile, and its text as built."""

from pathlib import Path

from mllint.facts.project import Project
from mllint.named_tuple import NamedTuple


class Plan(NamedTuple):
    """A Dockerfile to build. path: None for one that stands in a compose file."""

    project: Project
    text: bytes
    path: Path | None
