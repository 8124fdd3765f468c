"""project-requires-python: a project is installed into a Python that its metadata refuses."""

from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from mllint.facts.environments.project_pythons import accepts
from mllint.facts.images.base_image import Python
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.tables import Tables

WORDS = ("requires-python", "tool.poetry")


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each project that pip refuses for the Python of its environment."""
    for stage, environment, install in project.installs:
        required, python = install.python, environment.python
        if required is None or not isinstance(python, Python):
            continue
        if install.conditional or install.tolerated or not _is_specifier(required.specifier):
            continue
        if not accepts(required.specifier, python.version):
            yield Problem(
                install.location,
                f"{install.name or install.text} requires Python {required.specifier}; "
                f"this environment runs Python {python.minor}",
                "run a Python that the project allows, or widen its requires-python",
                (Related(required.location, f"requires Python {required.specifier}"),),
                stage=stage.label,
            )


def _is_specifier(text: str) -> bool:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True
