"""The word that names what to verify in, what that is out: a Dockerfile, an image, a service."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mllint import catalog
from mllint.config import Settings
from mllint.errors import InputError
from mllint.facts.project import Project
from mllint.loader import STDIN, load_project
from mllint.named_tuple import NamedTuple
from mllint.parse.files import Files, project_root
from mllint.tables import Tables
from mllint.verify.plan import Plan
from mllint.verify.services.asking import AskedService, ask_service, is_compose_file
from mllint.verify.services.planning import plan_service


class Subject(NamedTuple):
    """What is to be verified. path: of a Dockerfile; service: of a compose file.

    With neither, `image` is the name of an image that is there.
    """

    image: str
    cwd: Path
    options: Mapping[str, Any]
    path: Path | None = None
    service: AskedService | None = None

    def plan(self, settings: Settings) -> Plan | None:
        """What is built; None where nothing is. Raises InputError."""
        if self.service is not None:
            tables = Tables(catalog.root() / "tables")
            return plan_service(self.service, settings, self.options, os.environ, tables)
        if self.path is None:
            return None
        project = _project(self.image, self.cwd, settings, self.options["allow_outside"])
        return Plan(project, self.path.read_bytes(), self.path)

    def names_platform(self, settings: Settings) -> bool:
        """Whether it is said what platform to build for; else that of the engine is taken."""
        builder = self.service.builder if self.service is not None else None
        of_service = builder is not None and builder.build.platform is not None
        return settings.target.platform is not None or of_service


def read_subject(word: str, cwd: Path, options: Mapping[str, Any]) -> Subject:
    """What the word names; raises InputError."""
    name = options["service"]
    if is_compose_file(word, cwd, named=name is not None):
        file = Path(os.path.normpath(cwd / word))
        files = Files(project_root(file, cwd), cwd, options["allow_outside"])
        service = ask_service(file, name, files, os.environ)
        return Subject(service.image or "", cwd, options, service=service)
    path = cwd / word if is_dockerfile(word, cwd) else None
    if name is not None:
        kind = "an image" if path is None else "no compose file"
        raise InputError(f"is {kind}: --service names a service of a compose file", word)
    return Subject(word, cwd, options, path)


def is_dockerfile(word: str, cwd: Path) -> bool:
    """Whether the word names a file; else it is the name of an image."""
    path = cwd / word
    if path.is_file():
        return True
    if word == STDIN:
        raise InputError("a build is not read from standard input: name a file", word)
    if path.is_dir():
        raise InputError("is a folder: name the Dockerfile in it", word)
    file = "dockerfile" in path.name.lower() or path.suffix in (".yaml", ".yml")
    if file or word.startswith((".", "/")):
        raise InputError("there is no such file", word)
    return False


def _project(subject: str, cwd: Path, settings: Settings, outside: bool) -> Project:
    """The plan; raises InputError for what is not built from this machine's files alone."""
    project = load_project(subject, cwd, settings, allow_outside=outside)
    if project.options.remote:
        raise InputError("its build context is elsewhere: name one with --context", project.path)
    if project.options.contexts:
        name = next(iter(project.options.contexts))
        raise InputError(f"is built with a further context, {name}: name --context", project.path)
    return project
