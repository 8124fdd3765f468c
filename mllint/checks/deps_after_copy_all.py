"""deps-after-copy-all: every change of any file installs the dependencies anew."""

from collections.abc import Iterator

from mllint.facts.installs.install_order import LateInstall, late_installs
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables

_SHOWN = 3
# So many requirements are worth a word, even when none of them is known to be heavy.
_MANY = 8
# What a context may hold that no image needs, and that changes all the time.
_CLUTTER = (".git", ".venv", "venv", "wandb", "mlruns")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """One problem for each COPY of the whole context with installs behind it."""
    if "/.devcontainer/" in f"/{project.path}":
        return
    for stage in project.judged:
        found = late_installs(stage, tables)
        late = [install for install in found if install.heavy or install.size >= _MANY]
        if late:
            yield _problem(project, stage, late)


def _problem(project: Project, stage: Stage, late: list[LateInstall]) -> Problem:
    first = late[0]
    heavy = tuple(dict.fromkeys(name for found in late for name in found.heavy))
    weak = not heavy or all(found.cached for found in late if found.heavy)
    return Problem(
        first.copy.location,
        _message(late, heavy) + _clutter(project),
        _help(project, first),
        related=tuple(Related(found.command, "runs again each time") for found in late[:_SHOWN]),
        severity=Severity.INFO if weak else None,
        stage=stage.label,
    )


def _message(late: list[LateInstall], heavy: tuple[str, ...]) -> str:
    line = late[0].command.span.line
    if heavy:
        more = f" and {len(heavy) - _SHOWN} more" if len(heavy) > _SHOWN else ""
        what = f"{', '.join(heavy[:_SHOWN])}{more}"
    else:
        what = f"{max(found.size for found in late)} packages"
    return f"any change of any file installs {what} (line {line}) again"


def _clutter(project: Project) -> str:
    """The folders that come with the copy, for want of a .dockerignore or a line in it."""
    context = project.context
    if context is None:
        return ""
    there = [name for name in _CLUTTER if context.find(name) is not None and context.is_dir(name)]
    if not there:
        return ""
    names = ", ".join(there[:_SHOWN])
    if context.ignore_file is None:
        come = "comes" if len(there) == 1 else "come"
        return f"; there is no .dockerignore, so {names} {come} along"
    return f"; {context.ignore_file} lets {names} in as well"


def _help(project: Project, first: LateInstall) -> str:
    line = first.command.span.line
    run = f"a RUN with the install of line {line}" if first.mixed else f"the RUN on line {line}"
    context = project.context
    files = [] if context is None else [context.relative(file) for file in first.files]
    names = [name for name in files if name is not None]
    if not names:
        verb = "write" if first.mixed else "move"
        return f"{verb} {run} above this COPY"
    shown = " ".join(names[:_SHOWN])
    if len(names) > _SHOWN:
        shown += f" and {len(names) - _SHOWN} more"
    return f"write a COPY of {shown} and {run} above this COPY"
