"""gpu-probe-at-build: a RUN asks for a GPU, and a build has none."""

from collections.abc import Iterator

from mllint.facts.cuda.probes import GpuProbe, gpu_probes
from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such command of the judged stages."""
    for stage in project.judged:
        if stage.base.is_jetson:
            continue
        unnamed = not stage.base.reference.text
        for probe in gpu_probes(stage):
            yield Problem(
                location=probe.execution.location,
                message=_message(probe),
                help=(
                    "leave it to the container (`docker run --gpus all`), or give this RUN a GPU "
                    "by `--device=nvidia.com/gpu=all`"
                ),
                severity=None if probe.fails and not unnamed else Severity.WARNING,
                stage=stage.label,
            )


def _message(probe: GpuProbe) -> str:
    if probe.is_program:
        needs = f"{probe.what} comes with the driver, which a build does not have"
    else:
        needs = f"{probe.what} needs a GPU, and a build has none"
    return needs if probe.fails else f"{needs}: it fails, and the build goes on"
