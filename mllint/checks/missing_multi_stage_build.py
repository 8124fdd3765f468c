"""missing-multi-stage-build: the stage that ships keeps what only its build needed."""

from collections.abc import Iterator

from mllint.facts.commands.entry import is_workplace
from mllint.facts.commands.purpose import serves_development
from mllint.facts.project import Project
from mllint.facts.system.build_leftovers import (
    CompileStep,
    Leftover,
    LeftoverKind,
    compile_steps,
    compiles_at_run_time,
    leftovers,
)
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables

_SHOWN = 4


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """One problem on the stage that ships, with what stays behind and what was compiled with it."""
    stage = project.target
    if stage is None or is_workplace(stage, tables) or serves_development(project, stage):
        return
    left = leftovers(project, stage, tables)
    wanted = compiles_at_run_time(project, stage, tables)
    if wanted is not None:
        # Triton and torch.compile call gcc while they run; a checkout is of no use to them.
        left = tuple(item for item in left if item.kind is LeftoverKind.CHECKOUT)
    if not left:
        return
    steps = compile_steps(project, stage, tables)
    tools = [item for item in left if item.kind is not LeftoverKind.HEADERS]
    thin = not tools or not (steps or any(i.kind is LeftoverKind.CHECKOUT for i in left))
    if thin and not any(item.kind is LeftoverKind.COMPILER for item in left):
        return
    yield Problem(
        location=left[0].location,
        message=_message(left, steps),
        help="compile in a stage of its own and `COPY --from=` that stage only what was installed",
        related=tuple(_related(left[1:], steps)),
        severity=Severity.INFO if thin else None,
        stage=stage.label,
    )


def _message(left: tuple[Leftover, ...], steps: tuple[CompileStep, ...]) -> str:
    names = list(dict.fromkeys(item.name for item in left))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    shown = f"{', '.join(names[:_SHOWN])}{more}"
    if steps:
        what = ", ".join(dict.fromkeys(step.what for step in steps[:_SHOWN]))
        return f"the image that ships keeps {shown}, which only the build ({what}) uses"
    if all(item.kind is LeftoverKind.CHECKOUT for item in left):
        return f"the image that ships keeps {shown}, and nothing it starts refers to that checkout"
    return f"the image that ships keeps {shown}, and nothing it starts is known to compile"


def _related(left: tuple[Leftover, ...], steps: tuple[CompileStep, ...]) -> Iterator[Related]:
    for item in left[:_SHOWN]:
        yield Related(item.location, f"{item.name} stays in the image")
    for step in steps[:_SHOWN]:
        done = "runs here" if step.calls else "is compiled here"
        yield Related(step.location, f"{step.what} {done}")
