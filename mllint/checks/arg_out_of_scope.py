"""arg-out-of-scope: an ARG before FROM is used in a stage that does not declare it."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.stage_state import UndefinedVariable
from mllint.finding import Edit, Fix, Problem, Related, Severity
from mllint.parse.source import Location, Span
from mllint.tables import Tables

# Programs that fail when a version, name or address in one of their words is empty.
_FAILING = ("pip", "python", "uv", "conda", "mamba", "micromamba", "wget", "curl", "git")
# What ends in one of these wants a value behind it: `torch==${TORCH}`, `cu${CUDA}`, `v$VERSION`.
_OPEN_ENDS = ("=", "-", "_", "/", "@", "/cu", "+cu", "/v", "rocm")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the first use of each such variable in each stage that ships."""
    for stage in project.judged:
        told: set[str] = set()
        # The first use that fails, else the first of all.
        for use in sorted(stage.undefined, key=lambda use: not _fails(use)):
            if use.name not in told:
                told.add(use.name)
                yield _problem(project, stage, use)


def _problem(project: Project, stage: Stage, use: UndefinedVariable) -> Problem:
    line = stage.location.span.end_line
    return Problem(
        use.location,
        f"${use.name} is empty here: the ARG on line {use.declared.span.line} stands before FROM "
        "and holds for FROM lines only",
        f"write `ARG {use.name}` below the FROM on line {stage.location.span.line}",
        related=(Related(use.declared, f"{use.name} is declared here, outside of any stage"),),
        fix=Fix(
            f"declare ARG {use.name} in the stage",
            (Edit(Location(project.path, Span(line + 1, 1, line + 1, 1)), f"ARG {use.name}\n"),),
            safe=True,
        ),
        severity=None if _fails(use) else Severity.WARNING,
        stage=stage.label,
    )


def _fails(use: UndefinedVariable) -> bool:
    """Whether the word wants a value and the command that gets it ends with an error without."""
    before = use.text.partition("$")[0]
    program = use.program or ""
    return program.startswith(_FAILING) and before.strip("\"'").endswith(_OPEN_ENDS)
