"""A requirement file of the image in, its lines with nested `-r` and `-c` files followed out.

Finds files through the layers of the stage; a file that cannot be had becomes a reason.
"""

import posixpath
from collections.abc import Callable
from typing import Any, TypeVar

from mllint.errors import InputError
from mllint.facts.commands.filesystem import Context, ContextFile, Located
from mllint.facts.commands.start_folder import as_written
from mllint.facts.installs.found_files import FoundFiles, FoundRequirement
from mllint.facts.installs.install import AbsentFile
from mllint.facts.unknown import Unknown
from mllint.finding import Failure
from mllint.parse.requirements import RequirementFile, parse_requirements
from mllint.parse.source import Location, MappedText, SourceFile
from mllint.regex import lazy

_DEPTH_LIMIT = 150
"""Files that include one another in a chain; each takes three calls of Python's thousand."""
_PYLOCK = lazy(r"pylock(?:\.[^.]+)?\.toml")
_Parsed = TypeVar("_Parsed")


def is_project_file(path: str, *, uv: bool) -> bool:
    """Whether `-r` names no requirements file but a lock or, for uv, a project."""
    projects = ("pyproject.toml", "setup.cfg", "setup.py")
    return is_pylock(path) or (uv and posixpath.basename(path) in projects)


def is_pylock(path: str) -> bool:
    """Whether a name is that of a lock of PEP 751: pylock.toml, pylock.gpu.toml."""
    return _PYLOCK.fullmatch(posixpath.basename(path)) is not None


class RequirementReader:
    """Reads requirement files, each once; collects failures and the paths it read."""

    def __init__(self, context: Context | None, dockerfile: str) -> None:
        self.context = context
        self.dockerfile = dockerfile
        self.failures: list[Failure] = []
        self.read: dict[str, None] = {}
        self.absent: set[str] = set()  # files that no COPY of this context puts where they are read
        self._parsed: dict[tuple[str, str], RequirementFile] = {}
        self._others: dict[Any, Any] = {}  # files of another kind, where no context keeps them

    def follow(
        self,
        path: str,
        named_at: Location,
        locate: Callable[[str], Located | None],
        found: FoundFiles,
        *,
        written: str,
        constraint: bool = False,
        above: tuple[str, ...] = (),
    ) -> None:
        """Add what the file `path` (absolute, in the image; `written` so) holds to `found`."""
        if "://" in path:
            self._miss(found, named_at, f"{path} is not downloaded", constraint)
            return
        path = posixpath.normpath(path)
        if path in above:
            self._fail(named_at, f"{posixpath.basename(path)} includes itself; remove this line")
            return
        if len(above) > _DEPTH_LIMIT:
            self._miss(found, named_at, f"more than {_DEPTH_LIMIT} files in a chain", constraint)
            return
        if (path, constraint) in found.visited:
            return
        found.visited.add((path, constraint))
        source = self._source(path, locate(path), named_at)
        if isinstance(source, str):
            if path in self.absent:
                found.absent.append((named_at, AbsentFile(path, written)))
            self._miss(found, named_at, source, constraint)
            return
        self.take(source, path, locate, found, constraint=constraint, above=above)

    def take(
        self,
        source: SourceFile,
        path: str,
        locate: Callable[[str], Located | None],
        found: FoundFiles,
        *,
        constraint: bool = False,
        above: tuple[str, ...] = (),
    ) -> None:
        """Add the lines of a text to `found`; what it includes is looked for beside `path`."""
        parsed = self._parse(source)
        if parsed.path != self.dockerfile:
            found.files[parsed.path] = None
        for line in parsed.requirements:
            found.requirements.append(
                FoundRequirement(line, Location(parsed.path, line.span), constraint)
            )
        for bad in parsed.bad:
            place = Location(parsed.path, bad.span)
            found.refused.append((place, bad))
            self._miss(found, place, bad.message, constraint)
        for option in parsed.options:
            place = Location(parsed.path, option.span)
            if option.name in ("--requirement", "--constraint"):
                self._include(
                    path, option.value, option.name, place, locate, found, constraint, above
                )
            else:
                found.options.append((option.name, option.value))

    def _include(
        self,
        path: str,
        value: str,
        name: str,
        place: Location,
        locate: Callable[[str], Located | None],
        found: FoundFiles,
        constraint: bool,
        above: tuple[str, ...],
    ) -> None:
        if "${" in value:
            self._miss(found, place, f"{value} depends on the environment", constraint)
            return
        written = value
        if "://" not in value:
            value = posixpath.join(posixpath.dirname(path), value)
        if self._escapes(place, value, path):
            return
        self.follow(
            value,
            place,
            locate,
            found,
            written=written,
            constraint=constraint or name == "--constraint",
            above=(*above, path),
        )

    def _escapes(self, place: Location, value: str, path: str) -> bool:
        """Refuse an include that leaves the project: `-r ../../etc/passwd`."""
        if self.context is None or place.path == self.dockerfile or "://" in value:
            return False
        holder = self.context.files.absolute(place.path)
        target = holder.parent / posixpath.relpath(value, posixpath.dirname(path))
        if self.context.files.inside(target):
            return False
        self._fail(place, "this file lies outside the project; mllint does not read it")
        return True

    def beside(
        self, path: str, locate: Callable[[str], Located | None], named_at: Location
    ) -> SourceFile | str | None:
        """The text of a file that need not be there, such as a lock.

        None when nothing puts it there; a reason when its text is not known.
        """
        located = locate(posixpath.normpath(path))
        return None if located is None else self._source(path, located, named_at)

    def parsed(self, source: SourceFile, parse: Callable[[SourceFile], _Parsed]) -> _Parsed | str:
        """What `parse` makes of a file, once; what is wrong with it when it raises InputError."""
        known = self._others if self.context is None else self.context.files.parsed
        key = (source.path, source.text, parse)
        if key not in known:
            try:
                known[key] = parse(source)
            except InputError as error:
                known[key] = error
        found: _Parsed | InputError = known[key]
        if not isinstance(found, InputError):
            return found
        failure = Failure(found.path or source.path, found.line, found.message)
        if failure not in self.failures:
            self.failures.append(failure)
        return f"{failure.path} {found.message}"

    def _source(self, path: str, located: Located | None, named_at: Location) -> SourceFile | str:
        """The text of a located file, or the reason why there is none."""
        if located is None:
            self.absent.add(path)
            return f"{as_written(path)} is not copied from the build context"
        if isinstance(located, Unknown):
            return located.reason
        if isinstance(located, MappedText):
            return _inline_source(located, self.dockerfile)
        return self._context_source(located, named_at)

    def _context_source(self, located: ContextFile, named_at: Location) -> SourceFile | str:
        assert self.context is not None
        if not self.context.files.is_file(located.path):
            return f"{located.relative} is not a file of the build context"
        try:
            source = self.context.files.read(located.path)
        except InputError as error:
            self.failures.append(Failure(error.path or named_at.path, error.line, error.message))
            return error.message
        self.read[source.path] = None
        return source

    def _parse(self, source: SourceFile) -> RequirementFile:
        key = source.path, source.text
        if key not in self._parsed:
            self._parsed[key] = parse_requirements(source)
        return self._parsed[key]

    def _fail(self, place: Location, message: str) -> None:
        failure = Failure(place.path, place.span.line, message)
        if failure not in self.failures:
            self.failures.append(failure)

    @staticmethod
    def _miss(found: FoundFiles, place: Location, reason: str, constraint: bool) -> None:
        (found.constraints_missing if constraint else found.missing).append((place, reason))


def _inline_source(body: MappedText, path: str) -> SourceFile:
    """A heredoc as a file whose lines keep their numbers in the Dockerfile."""
    return SourceFile(path, "\n" * (body.position(0)[0] - 1) + body.text)
