"""final-stage-devel: the image that ships is a CUDA development image."""

from collections.abc import Iterator

from mllint.facts.commands.entry import is_workplace, starts_script
from mllint.facts.commands.purpose import serves_development
from mllint.facts.cuda.uses import compiled_by, run_time_compiler, unread_install
from mllint.facts.images.base_image import Cuda, CudaFlavor
from mllint.facts.images.base_uses import BaseUse, base_use
from mllint.facts.images.flavor_twin import flavor_twin
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.finding import Problem, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """One problem when the shipping stage is `-devel` and starts a program that needs no nvcc."""
    stage = project.target
    if stage is None or is_workplace(stage, tables) or serves_development(project, stage):
        return
    cuda = stage.base.cuda
    if not isinstance(cuda, Cuda) or cuda.flavor is not CudaFlavor.DEVEL:
        return
    wanted = run_time_compiler(project, stage, tables)
    if isinstance(wanted, str) or unread_install(stage) is not None:
        return
    compiled = compiled_by(project, stage, tables)
    use = base_use(project, stage)
    # Frameworks' own images come in one flavour: there is none to choose.
    if use is not None and "devel" in (use.image.reference.tag or ""):
        thin = wanted is not None or compiled is not None or starts_script(stage)
        yield _problem(use, stage, compiled, Severity.INFO if thin else None, tables)


def _problem(
    use: BaseUse, stage: Stage, compiled: object, severity: Severity | None, tables: Tables
) -> Problem:
    twin = flavor_twin(use.image.reference, CudaFlavor.RUNTIME, tables)
    runtime = f"`FROM {twin}`" if twin else "the `-runtime` image of this CUDA"
    needed = "nothing in it is known to call nvcc"
    change = f"ship {runtime}"
    if isinstance(compiled, str):
        needed = f"only its build ({compiled}) uses a compiler"
        change = f"compile in a stage of its own and ship {runtime} with what was built"
    elif any(environment.effective("torch") for environment in stage.environments):
        change += " (with gcc, where torch.compile or Triton is used)"
    return Problem(
        location=use.location,
        message=(
            f"the image that ships is {use.name}, and {needed}: "
            "compiler, headers and static libraries of several GB stay in it"
        ),
        help=change,
        severity=severity,
        stage=stage.label,
    )
