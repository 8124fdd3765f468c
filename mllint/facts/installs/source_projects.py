"""The folder of a project in, what installing it from source requires out.

Reads pyproject.toml and setup.cfg through the layers of the stage; setup.py is code, so that what
it decides stays unknown, with the reason.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from packaging.utils import canonicalize_name

from mllint.facts.commands.filesystem import Located
from mllint.facts.installs.found_files import FoundFiles
from mllint.facts.installs.install import RequiredPython
from mllint.facts.installs.requirement_files import RequirementReader
from mllint.named_tuple import NamedTuple
from mllint.parse.requirements import BadLine, RequirementLine
from mllint.parse.source import Location, SourceFile

if TYPE_CHECKING:  # the parsers are imported when there is a file for them
    from mllint.parse.pyproject import Entry, Pyproject

Line = RequirementLine | BadLine
_Parsed = TypeVar("_Parsed")


class SourceProject(NamedTuple):
    """A project that a command installs from its folder, or whose requirements it installs.

    folder: in the image. path: the file that lists the requirements, as shown. uv: its
    pyproject.toml, for the settings of uv. elsewhere: requirement files that stand for the
    dependencies. unknown: why more is installed than is listed here, None when all is.
    """

    name: str | None
    folder: str
    path: str
    dependencies: tuple["Entry", ...] = ()
    extras: Mapping[str, tuple["Entry", ...]] = {}
    groups: Mapping[str, tuple["Entry", ...]] = {}
    uv: "Pyproject | None" = None
    elsewhere: tuple[str, ...] = ()
    unknown: str | None = None

    @property
    def python(self) -> RequiredPython | None:
        """The Pythons that its pyproject.toml allows; None where it allows any."""
        if self.uv is None or self.uv.python is None or "requires-python" in self.uv.dynamic:
            return None
        return RequiredPython(self.uv.python, Location(self.uv.path, self.uv.span))


class ProjectReader:
    """Reads the projects that one command names."""

    def __init__(
        self, reader: RequirementReader, locate: Callable[[str], Located | None], place: Location
    ) -> None:
        self._reader = reader
        self.locate = locate
        self._place = place

    def read(self, path: str) -> SourceFile | str | None:
        """The text of a file of the image; None when it is not there, or why it is not known."""
        return self._reader.beside(path, self.locate, self._place)

    def pyproject(self, folder: str) -> "Pyproject | str | None":
        """The pyproject.toml of a folder; None when there is none, or why it is not known."""
        source = self.read(posixpath.join(folder, "pyproject.toml"))
        if not isinstance(source, SourceFile):
            return source
        from mllint.parse.pyproject import read_pyproject

        return self._reader.parsed(source, read_pyproject)

    def parsed(self, source: SourceFile, parse: Callable[[SourceFile], _Parsed]) -> _Parsed | str:
        """What `parse` makes of a file, or what is wrong with it."""
        return self._reader.parsed(source, parse)

    def declared(self, found: "Pyproject", folder: str) -> SourceProject:
        """What a pyproject.toml declares as a project."""
        return _declared(found, folder)

    def groups(self, folder: str) -> SourceProject | str | None:
        """The dependency groups of the pyproject.toml in a folder, whatever else it declares."""
        found = self.pyproject(folder)
        return found if found is None or isinstance(found, str) else _declared(found, folder)

    def project(self, folder: str) -> SourceProject | str | None:
        """The project in a folder; None when no file of one is there, or why it is not known."""
        found = self.pyproject(folder)
        if isinstance(found, str):
            return found
        if found is not None and found.declared and "dependencies" not in found.dynamic:
            return _declared(found, folder)
        if found is not None and found.dynamic_files is not None:
            files = tuple(posixpath.join(folder, file) for file in found.dynamic_files)
            return _declared(found, folder)._replace(elsewhere=files)
        return self._legacy(folder, found)

    def _legacy(self, folder: str, found: "Pyproject | None") -> SourceProject | str | None:
        """A project whose dependencies stand in setup.cfg, or are what setup.py says."""
        script = self.read(posixpath.join(folder, "setup.py"))
        if isinstance(script, str):
            return script
        if script is not None and "_require" in script.text:
            return f"{script.path} decides what is required"
        source = self.read(posixpath.join(folder, "setup.cfg"))
        if isinstance(source, str):
            return source
        if source is None:
            return None if found is None else f"{found.path} leaves what is required to code"
        from mllint.parse.setup_cfg import read_setup_cfg

        setup = self._reader.parsed(source, read_setup_cfg)
        if isinstance(setup, str):
            return setup
        if not setup.declared or setup.unread is not None:
            return f"{setup.path} does not list what is required"
        name = setup.name or (found.name if found else None)
        return SourceProject(name, folder, setup.path, setup.dependencies, setup.extras, uv=found)

    def elsewhere(self, project: SourceProject) -> FoundFiles:
        """What the requirement files hold that a project takes its dependencies from."""
        found = FoundFiles()
        for path in project.elsewhere:
            self._reader.follow(path, self._place, self.locate, found, written=path)
        return found


def ancestors(folder: str) -> Iterator[str]:
    """The folders above an absolute one, nearest first."""
    while folder not in ("/", ""):
        folder = posixpath.dirname(folder)
        yield folder


def _declared(found: "Pyproject", folder: str) -> SourceProject:
    unknown = None
    if "optional-dependencies" in found.dynamic:
        unknown = f"{found.path} leaves the extras to code"
    return SourceProject(
        found.name,
        folder,
        found.path,
        found.dependencies,
        found.extras,
        found.groups,
        found,
        unknown=unknown,
    )


def asked_of(
    project: SourceProject,
    extras: Iterable[str] = (),
    groups: Iterable[str] = (),
    *,
    dependencies: bool = True,
) -> Iterator[Line]:
    """The requirements of a project with these extras and groups, each once, in order.

    An extra may name others (`all = ["proj[gpu,dev]"]`), a group include another.
    """
    waiting: list[Entry] = [*project.dependencies] if dependencies else []
    for extra in extras:
        waiting += project.extras.get(canonicalize_name(extra), ())
    for group in groups:
        waiting += project.groups.get(canonicalize_name(group), ())
    seen: set[tuple[str, str]] = set()
    given: set[Line] = set()
    while waiting:
        following: list[Entry] = []
        for entry in waiting:
            if isinstance(entry, BadLine):
                yield entry
            elif not isinstance(entry, RequirementLine):
                if ("group", entry.name) not in seen:
                    seen.add(("group", entry.name))
                    following += project.groups.get(entry.name, ())
            elif entry.name == project.name and entry.name is not None:
                for extra in map(canonicalize_name, entry.extras):
                    if ("extra", extra) not in seen:
                        seen.add(("extra", extra))
                        following += project.extras.get(extra, ())
            elif entry not in given:
                given.add(entry)
                yield entry
        waiting = following
