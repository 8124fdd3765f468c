"""ngc-entrypoint-lost: ENTRYPOINT replaces that of NVIDIA's image, which checks the host."""

from collections.abc import Iterator

from mllint.facts.commands.entry import replaced_entrypoint
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.tables import Tables

WORDS = ("entrypoint",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem on the ENTRYPOINT of the stage that ships, where it stands on such an image."""
    stage = project.target
    entry = replaced_entrypoint(stage) if stage is not None else None
    if stage is None or entry is None or not stage.base.is_ngc_framework:
        return
    yield Problem(
        location=project.at(entry),
        message=(
            f"this replaces the entry point of {stage.base.reference.text}, which tells of a "
            "missing GPU, an old driver or too little shared memory when it starts"
        ),
        help='start by CMD, or put "/opt/nvidia/nvidia_entrypoint.sh" first in ENTRYPOINT',
        stage=stage.label,
    )
