"""Builds the facts of small made-up projects for tests."""

from pathlib import Path

from mllint import catalog
from mllint.facts.environments.environment import Environment
from mllint.facts.project import Options, Project, build_project
from mllint.facts.unknown import Unknown
from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.files import Files
from mllint.tables import Tables


def tables() -> Tables:
    return Tables(catalog.root() / "tables")


def project_of(folder: Path, dockerfile: str, files: dict[str, str] | None = None, **options):
    """The project of a Dockerfile text with the given files beside it."""
    for name, text in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    path = folder / "Dockerfile"
    path.write_text(dockerfile)
    gate = Files(folder, folder)
    source = gate.read(path)
    return build_project(parse_dockerfile(source), path, gate, Options(**options), tables())


def environment(project: Project, prefix: str | None = None) -> Environment:
    """The environment of the target at `prefix`, or the only one with installs."""
    assert project.target is not None
    found = [
        env
        for env in project.target.environments
        if (env.prefix == prefix if prefix is not None else env.installs)
    ]
    assert len(found) == 1, [env.prefix for env in project.target.environments]
    return found[0]


def held(project: Project, name: str, prefix: str | None = None) -> str | None:
    """The effective version of a package as text; "?" when unknown, None when absent."""
    result = environment(project, prefix).effective(name)
    if result is None:
        return None
    if isinstance(result, Unknown) or isinstance(result.version, Unknown):
        return "?"
    return str(result.version)
