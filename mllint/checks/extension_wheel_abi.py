"""extension-wheel-abi: a ready-made extension is built for another torch, CUDA or Python."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.wheels.extension_wheels import WheelClash, wheel_clashes
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables

WORDS = (".whl", "pyg.org", "openmmlab")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such wheel of the judged stages."""
    for stage in project.judged:
        for clash in wheel_clashes(project, stage, tables):
            other, name = clash.other, clash.install.name
            yield Problem(
                location=clash.install.location,
                message=f"this wheel of {name} is built for {clash.built}; {clash.held}",
                help=_help(clash),
                related=(Related(other.location, f"{other.text} comes from here"),)
                if other and other.location != clash.install.location
                else (),
                severity=None if clash.certain else Severity.WARNING,
                stage=stage.label,
            )


def _help(clash: WheelClash) -> str:
    name = clash.install.name
    if clash.other is None:
        return f"take the wheel of {name} for the Python that is there"
    if not clash.certain:
        return f"compile {name} in this image, against its own torch"
    return f"take the wheel of {name} for that torch, or install the torch that the wheel names"
