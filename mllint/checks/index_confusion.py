"""index-confusion: a package comes from the default index, though one was added that has it."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.resolution import Stray, index_name
from mllint.facts.wheels.torch_packages import FAMILY
from mllint.facts.wheels.variant_names import is_pytorch_page
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables


def check_resolved(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each package of which the default index has a higher release."""
    for answer in project.answered:
        passed: dict[str, list[Stray]] = {}
        for stray in answer.strays:
            if _is_choice_of_pip(stray):
                passed.setdefault(stray.passed, []).append(stray)
        for first, *others in passed.values():
            related = (Related(each.install.location, _message(each)) for each in others)
            stage = project.stages[first.install.stage].label
            yield _problem(first)._replace(related=tuple(related), stage=stage)


def _is_choice_of_pip(stray: Stray) -> bool:
    """Whether the release itself was not chosen; that of torch seldom says from where."""
    return stray.install.fixed is None or _is_build(stray)


def _is_build(stray: Stray) -> bool:
    return stray.install.name in FAMILY and is_pytorch_page(stray.passed)


def _problem(stray: Stray) -> Problem:
    install, build = stray.install, _is_build(stray)
    # An unpinned torch moves to another CUDA with each release of the default index.
    severe = build and install.fixed is None and not install.tolerated
    return Problem(
        install.location,
        _message(stray),
        _help(stray),
        severity=None if severe else Severity.WARNING,
    )


def _message(stray: Stray) -> str:
    taken = f"{stray.install.name} {stray.version} of {index_name(stray.taken)}"
    return f"pip takes {taken}; {stray.passed}, which was added, has {stray.newest}"


def _help(stray: Stray) -> str:
    name, url = stray.install.name, stray.passed
    if stray.install.fixed is not None:
        return f"write `{name}=={stray.newest}`, or take the index that has {stray.version}"
    alone = f"install it in a command of its own with `--index-url {url}`"
    return f"write `{name}=={stray.newest}`, or {alone}"
