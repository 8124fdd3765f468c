"""index-confusion: a package comes from the default index, though one was added that has it."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.resolution import Stray, index_name
from mllint.facts.wheels.torch_packages import FAMILY
from mllint.facts.wheels.variant_names import is_pytorch_page
from mllint.finding import Problem, Severity
from mllint.parse.source import Location
from mllint.tables import Tables


def check_resolved(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each package of which the default index has a higher release."""
    told: set[Location] = set()
    for answer in project.answered:
        for stray in answer.strays:
            if stray.install.location not in told and _is_choice_of_pip(stray):
                told.add(stray.install.location)
                yield _problem(stray)._replace(stage=project.stages[stray.install.stage].label)


def _is_choice_of_pip(stray: Stray) -> bool:
    """Whether the release itself was not chosen; that of torch seldom says from where."""
    return stray.install.fixed is None or _is_build(stray)


def _is_build(stray: Stray) -> bool:
    return stray.install.name in FAMILY and is_pytorch_page(stray.passed)


def _problem(stray: Stray) -> Problem:
    install, build = stray.install, _is_build(stray)
    chosen = f"pip takes {install.name} {stray.version} of {index_name(stray.taken)}"
    # An unpinned torch moves to another CUDA with each release of the default index.
    severe = build and install.fixed is None and not install.tolerated
    return Problem(
        install.location,
        f"{chosen}; {stray.passed}, which was added, has {stray.newest}",
        _help(stray),
        severity=None if severe else Severity.WARNING,
    )


def _help(stray: Stray) -> str:
    name, url = stray.install.name, stray.passed
    if stray.install.fixed is not None:
        return f"write `{name}=={stray.newest}`, or take the index that has {stray.version}"
    alone = f"install it in a command of its own with `--index-url {url}`"
    return f"write `{name}=={stray.newest}`, or {alone}"
