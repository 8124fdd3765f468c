"""nvcc-torch-major-mismatch: an extension is compiled by an nvcc of another CUDA than torch's."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.cuda.compiling import SourceBuild, needs_nvcc, source_builds
from mllint.facts.cuda.toolkit import Nvcc, nvcc_of
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.wheel_variant import WheelVariant, torch_build
from mllint.finding import Problem, Related
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.builds import Need


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """One problem for each pair of torch and nvcc that an extension build brings together."""
    for stage in project.judged:
        nvcc = nvcc_of(project, stage)
        if not isinstance(nvcc, Nvcc) or isinstance(nvcc.version, Unknown):
            continue
        told: set[Location] = set()
        for build in source_builds(stage, tables):
            torch = _torch_for(build, project, stage, tables)
            if torch is None or torch.cuda is None or torch.cuda.major == nvcc.version.major:
                continue
            if torch.location not in told:
                told.add(torch.location)
                yield _problem(stage, build, torch, nvcc, nvcc.version, tables)


def _torch_for(
    build: SourceBuild, project: Project, stage: Stage, tables: Tables
) -> WheelVariant | None:
    """The torch against which a build certainly compiles CUDA code, where that is known."""
    if not build.certain or build.tolerated or build.needs.torch_first is not Need.YES:
        return None
    if needs_nvcc(build) is not True:
        return None
    root = project.root(stage).location
    held = torch_build(build.environment, stage.base, root, tables, build.install)
    return held if isinstance(held, WheelVariant) else None


def _problem(
    stage: Stage,
    build: SourceBuild,
    torch: WheelVariant,
    nvcc: Nvcc,
    toolkit: Version,
    tables: Tables,
) -> Problem:
    return Problem(
        location=torch.location,
        message=(
            f"{torch.text} is built for CUDA {torch.cuda}, and {build.name} is "
            f"compiled against it by nvcc {toolkit.major}.{toolkit.minor} of {nvcc.source}"
        ),
        help=_help(torch, toolkit, tables),
        related=(
            Related(nvcc.location, f"nvcc {toolkit.major}.{toolkit.minor} comes from here"),
            Related(build.location, f"{build.name} is compiled here"),
        ),
        stage=stage.label,
    )


def _help(torch: WheelVariant, toolkit: Version, tables: Tables) -> str:
    image = f"compile in a stage with the devel image of CUDA {torch.cuda}"
    # Which torch comes is the choice of the package that requires it.
    if isinstance(torch.version, Unknown) or torch.required_by is not None:
        return image
    fitting = [
        row
        for row in tables.torch.variants(torch.version)
        if row.cuda is not None and row.cuda.major == toolkit.major
    ]
    if not fitting:
        return image
    near = min(fitting, key=lambda row: abs((row.cuda or toolkit).minor - toolkit.minor))
    pin = f"torch=={torch.version.public}+{near.variant}" if torch.version.local else "torch"
    index = tables.torch.index_url(near.variant)
    return f"install {pin} with `--index-url {index}`, or {image}"
