"""A `Project` in, what each of its stages will hold out as text; judges nothing."""

from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from mllint.facts.environments.interpreters import UNKNOWN_PATH
from mllint.facts.images.base_image import Cuda
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.report.plan_environments import (
    environment_lines,
    fact_text,
    libc_text,
    present_environments,
)
from mllint.report.plan_inherited import base_stage, shown_environments, shown_packages
from mllint.report.visible import visible_lines

if TYPE_CHECKING:
    from mllint.resolve.contents import Contents

_WIDTH = 100


def plan_text(
    project: Project,
    redact: Callable[[str], str] = str,
    contents: "tuple[Contents, ...] | None" = None,
    *,
    every_package: bool = False,
) -> str:
    """The plan for a reader: one block a stage, one line a fact; `redact`: as for a report.

    contents: what the indexes tell of its environments; None where nobody asked them.
    every_package: also those of a lock that the project does not name, and small ones.
    """
    lines = list(_builder_lines(project))
    for problem in project.dockerfile.problems[:1]:
        lines += [f"the builder refuses line {problem.span.line}: {problem.message}", ""]
    for stage in project.stages:
        lines.extend(_stage_lines(project, stage, contents or (), every_package))
        lines.append("")
    told = "\n".join(lines)
    unknown = [
        f"  {note.location.path}:{note.location.span.line}: {note.reason}"
        for note in project.unchecked
        if note.reason not in told
    ]
    lines += ["not known", *unknown] if unknown else []
    return visible_lines("\n".join(map(redact, lines)).rstrip("\n")) + "\n"


def _builder_lines(project: Project) -> Iterator[str]:
    for builder in project.builders:
        yield f"built by {builder}"
    for builder in project.other_builders:
        yield f"built differently, so not as shown here, by {builder}"
    if project.builders or project.other_builders:
        yield ""


def _stage_lines(
    project: Project, stage: Stage, contents: "tuple[Contents, ...]", every_package: bool
) -> Iterator[str]:
    ships = " (ships)" if project.target is stage else ""
    unused = "" if stage in project.judged else " (not used)"
    yield f"stage {stage.label}, line {stage.location.span.line}{ships}{unused}"
    for name, text in _facts(project, stage):
        yield from wrap(
            text,
            _WIDTH,
            initial_indent=f"  {name:<10}",
            subsequent_indent=" " * 12,
            break_long_words=False,
            break_on_hyphens=False,
        )
    above = base_stage(project, stage)
    for shown in shown_environments(project, stage, present_environments(stage)):
        yield from (f"  {line}" for line in environment_lines(stage, shown, every_package))
    for held in contents:
        if held.stage == stage.index:
            # Most plans are made without an index.
            from mllint.report.plan_contents import content_lines

            yield from (f"  {line}" for line in content_lines(held, every_package))
    if above is not None and (above.packages or any(present_environments(above))):
        yield f"  and what stage {above.label} holds"


def _facts(project: Project, stage: Stage) -> Iterator[tuple[str, str]]:
    """The name and the text of each fact about the stage itself."""
    base = stage.base
    # Why nothing is known of an image is said once, below all stages.
    told = base.distro if isinstance(base.distro, Unknown) else None
    yield "base", _base_text(project, stage)
    if stage.platform is not None:
        yield "platform", fact_text(stage.platform)
    yield "OS", f"{fact_text(base.distro, told=told)}, {libc_text(base)}"
    yield "CUDA", f"{_cuda_text(base.cuda, told)}, cuDNN {fact_text(base.cudnn, told=told)}"
    yield "user", fact_text(stage.user, told=told)
    yield "workdir", fact_text(stage.workdir, told=told)
    path = stage.env.get("PATH")
    if isinstance(path, str):
        yield "PATH", path.replace(UNKNOWN_PATH, "(base image)")
    named = shown_packages(project, stage)
    if named:
        yield "packages", " ".join(named)


def _base_text(project: Project, stage: Stage) -> str:
    if stage.parent is not None:
        return f"stage {project.stages[stage.parent].label}"
    return stage.base.reference.text or fact_text(stage.base.distro, told=stage.base.distro)


def _cuda_text(cuda: Cuda | Unknown | None, told: Unknown | None) -> str:
    if isinstance(cuda, Cuda):
        return f"{cuda.version} ({cuda.flavor.value})"
    return fact_text(cuda, told=told)
