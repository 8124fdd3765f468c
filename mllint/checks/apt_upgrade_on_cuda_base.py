"""apt-upgrade-on-cuda-base: apt upgrades the CUDA that the tag of the image names."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.system.system_packages import manager_verb
from mllint.facts.system.system_upgrades import cuda_upgrades, holds_its_libraries
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables

WORDS = (" upgrade", "dist-upgrade", "full-upgrade")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each upgrade of all packages on an image with CUDA."""
    for stage in project.judged:
        root = project.root(stage)
        for execution in cuda_upgrades(project, stage):
            verb = manager_verb(execution)
            yield Problem(
                execution.location,
                f"{execution.program} {verb} takes newer CUDA packages too, and the tag of "
                f"{stage.base.reference.text} no longer tells which",
                "write `apt-mark hold $(dpkg-query -W -f '${Package}\\n' 'cuda-*' 'libcudnn*' "
                "'libnccl*' 'libcublas*')` before it",
                severity=Severity.INFO if holds_its_libraries(stage) else None,
                related=(Related(root.location, "CUDA comes with this image"),),
                stage=stage.label,
            )
