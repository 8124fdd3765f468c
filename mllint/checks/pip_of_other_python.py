"""pip-of-other-python: packages are installed for another Python than the one that runs."""

from collections.abc import Iterator

from mllint.facts.environments.stray_installs import packages_of_other_python, stray_install
from mllint.facts.images.base_image import Python
from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for pip's installs, and for each package of the distribution."""
    target = project.target
    stray = stray_install(target) if target is not None else None
    if target is not None and stray is not None:
        yield Problem(
            stray.install.command,
            f"this pip belongs to Python {stray.into.version}, and the container starts Python "
            f"{stray.started.version}, which gets no package",
            f"write `python{stray.started.version} -m pip`",
            stage=target.label,
        )
    for stage in project.judged:
        for package, name in packages_of_other_python(project, stage):
            python, link = stage.base.distro_python, stage.python3_link
            of = f"{python.version}" if isinstance(python, Python) else "of the distribution"
            yield Problem(
                package.location,
                f"{package.name} is for Python {of}, and python3 is {link} here",
                f"install `{name}`" if name else f"take it with `python{link} -m pip install`",
                severity=Severity.WARNING,
                stage=stage.label,
            )
