"""numpy-abi: a package that was compiled for NumPy 1 stands beside NumPy 2."""

from collections.abc import Iterator

from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.wheels.numpy_builds import OldBuild, old_builds
from mllint.finding import Fix, Problem, Related, Severity
from mllint.parse.source import Location
from mllint.remedies import cap_numpy
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each environment whose NumPy is too new for its packages."""
    told: set[Location] = set()
    for stage in project.ends:
        for environment in stage.environments:
            found = tuple(
                each
                for each in old_builds(environment, tables)
                if not project.refuses(each.asked or each.install)
                if each.numpy is not None or not project.settles(each.install)
            )
            if found and _place(found[0]) not in told:
                told.add(_place(found[0]))
                yield _problem(found)._replace(stage=stage.label)


def _place(found: OldBuild) -> Location:
    """Where NumPy is asked for, else where the package that brings it is."""
    return (found.asked or found.install).location


def _numpy(found: OldBuild, asked: Install) -> str:
    return asked.text if asked.fixed is not None else f"numpy {found.numpy}"


def _is_named(found: OldBuild) -> bool:
    """Whether NumPy stands there by its name."""
    return found.asked is not None and not found.asked.is_brought


def _problem(found: tuple[OldBuild, ...]) -> Problem:
    first = found[0]
    names = " and ".join(each.text for each in found[:2])
    others = f" and {len(found) - 2} more" if len(found) > 2 else ""
    verb = "is" if len(found) == 1 else "are"
    beside = (
        f"{_numpy(first, first.asked)} is installed beside it"
        if first.numpy is not None and first.asked is not None
        else "nothing here keeps NumPy below 2"
    )
    edit = cap_numpy(first) if first.numpy is None else None
    # The shell of a RUN would take `<` for a redirection.
    cap = "numpy<2" if (first.asked or first.install).file is not None else '"numpy<2"'
    related = (Related(each.install.location, f"import {each.module} fails") for each in found)
    return Problem(
        location=_place(first),
        message=f"{names}{others} {verb} compiled for NumPy 1, and {beside}",
        help=f"write `{cap}`" if _is_named(first) else f"add `{cap}` beside it",
        related=tuple(note for note in related if note.location != _place(first)),
        fix=Fix("keep NumPy below 2", (edit,), safe=False) if edit is not None else None,
        # Which NumPy a resolver takes depends on all that it installs.
        severity=None if first.numpy is not None else Severity.WARNING,
    )
