"""runtime-needs-c-compiler: what compiles while it runs finds no C compiler in the image."""

from collections.abc import Iterator

from mllint.facts.cuda.jit import has_c_compiler, triton_users
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.tables import Tables

WORDS = ("fla", "sglang", "unsloth", "vllm")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the first such package of the stage that ships."""
    stage = project.target
    user = next(triton_users(stage, tables), None) if stage is not None else None
    if stage is None or user is None or has_c_compiler(project, stage) is not False:
        return
    yield Problem(
        location=user.location,
        message=(
            f"{user.name} compiles Triton kernels while it runs, and "
            f"{stage.base.reference.text} brings no C compiler"
        ),
        help="add `gcc` and `libc6-dev` by apt (and `python3-dev` for Python of the distribution)",
        stage=stage.label,
    )
