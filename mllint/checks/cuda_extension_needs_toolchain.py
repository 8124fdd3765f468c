"""cuda-extension-needs-toolchain: an extension is compiled where no compiler for it is."""

from collections.abc import Iterator

from mllint.facts.cuda.compiling import SourceBuild, needs_nvcc, source_builds
from mllint.facts.cuda.toolkit import has_cxx, nvcc_of
from mllint.facts.images.base_uses import base_use
from mllint.facts.images.contents import CudaFlavor
from mllint.facts.images.flavor_twin import flavor_twin
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.finding import Problem, Related
from mllint.tables import Tables
from mllint.tables.builds import Need


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each stage and compiler that it lacks, with what is certainly compiled."""
    for stage in project.judged:
        lacking: dict[str, list[SourceBuild]] = {}
        for build in source_builds(stage, tables):
            tool = _lacking(project, stage, build)
            if tool is not None:
                lacking.setdefault(tool, []).append(build)
        for tool, builds in lacking.items():
            yield _problem(project, stage, tool, builds, tables)


def _lacking(project: Project, stage: Stage, build: SourceBuild) -> str | None:
    """The compiler that a build certainly calls and certainly does not find."""
    if not build.certain or build.tolerated or build.needs.nvcc is Need.NO:
        return None
    if needs_nvcc(build) is True and nvcc_of(project, stage) is None:
        return "nvcc"
    if build.needs.compiler is Need.YES and has_cxx(project, stage) is False:
        return "C++ compiler"
    return None


def _problem(
    project: Project, stage: Stage, tool: str, builds: list[SourceBuild], tables: Tables
) -> Problem:
    image = stage.base.reference
    twin = flavor_twin(image, CudaFlavor.DEVEL, tables)
    use = base_use(project, stage)
    names = ", ".join(dict.fromkeys(build.name for build in builds))
    verb = "are" if ", " in names else "is"
    if twin is not None:
        advice = f"compile in a stage `FROM {twin}` and copy the result from there"
    elif tool == "nvcc":
        advice = f"compile {names} in a stage FROM a `-devel` image of CUDA and copy it from there"
    else:
        advice = f"run `apt-get install -y --no-install-recommends build-essential` before {names}"
    compiled = [Related(build.location, f"{build.name} is compiled here") for build in builds]
    # Where the image has a twin with compilers, its name is what to change.
    at_image = twin is not None and use is not None
    return Problem(
        location=use.location if at_image and use is not None else builds[0].location,
        message=f"{names} {verb} compiled on {image.text}, which brings no {tool}",
        help=advice,
        related=tuple(compiled if at_image else compiled[1:]),
        stage=stage.label,
    )
