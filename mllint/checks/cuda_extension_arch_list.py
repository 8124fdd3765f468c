"""cuda-extension-arch-list: an extension is compiled for the GPU that is there, and none is."""

from collections.abc import Iterator

from mllint.facts.cuda.arch_lists import builds_without_list
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such build of the judged stages."""
    for stage in project.judged:
        for build in builds_without_list(stage, tables):
            variable = build.needs.arch_variables[0]
            example = '"8.0;8.6;9.0"' if variable.startswith("TORCH") else '"80;86;90"'
            yield Problem(
                location=build.location,
                message=(
                    f"{build.name} is compiled for the GPU that its build finds, and a docker "
                    f"build has none: {variable} is not set"
                ),
                help=f"set `ENV {variable}={example}` (the GPUs that will run it) above this RUN",
                stage=stage.label,
            )
