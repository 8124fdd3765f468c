"""Executions of pip and uv pip in, `Install`s in the right environment out."""

import posixpath
from collections.abc import Callable

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from mllint.facts.base_image import Python
from mllint.facts.executions import Execution
from mllint.facts.filesystem import Located
from mllint.facts.index_settings import constraint_paths, effective_indexes, with_variables
from mllint.facts.installs import Indexes, Install, Installer, InstallOptions
from mllint.facts.interpreters import EnvironmentDraft
from mllint.facts.pip_command import PipCommand, install_options, read_pip_arguments
from mllint.facts.requirement_files import FoundFiles, FoundRequirement, RequirementReader
from mllint.facts.stage_state import StageState
from mllint.facts.unknown import Unknown
from mllint.facts.variables import Argument, Value
from mllint.parse.requirements import BadLine, RequirementLine, parse_requirement
from mllint.parse.source import Location, MappedText

Locate = Callable[[str], Located | None]


def pip_arguments(execution: Execution) -> tuple[Installer, str, tuple[Argument, ...]] | None:
    """(installer, sub-command, its arguments) when `execution` runs pip or uv pip, else None.

    `pip3 install x`, `python -m pip install x`, `uv pip install x`, `python -m uv pip install x`.
    """
    words, arguments = execution.words, execution.arguments
    program = execution.program
    if program.startswith(("python", "pypy")):
        skip = 0
        while skip < len(words) and words[skip].startswith("-") and words[skip] != "-m":
            skip += 2 if words[skip] in ("-X", "-W") else 1
        if words[skip : skip + 2] == ("-m", "pip"):
            program, words, arguments = "pip", words[skip + 2 :], arguments[skip + 2 :]
        elif words[skip : skip + 2] == ("-m", "uv"):
            program, words, arguments = "uv", words[skip + 2 :], arguments[skip + 2 :]
        else:
            return None
    installer = Installer.PIP
    if program == "uv":
        words, arguments = _skip_options(words, arguments)
        if words[:1] != ("pip",):
            return None
        installer, words, arguments = Installer.UV_PIP, words[1:], arguments[1:]
    elif not program.startswith("pip") or program.startswith(("pipenv", "pipx", "pip-")):
        return None
    words, arguments = _skip_options(words, arguments)
    return (installer, words[0], arguments[1:]) if words else None


def _skip_options(
    words: tuple[str, ...], arguments: tuple[Argument, ...]
) -> tuple[tuple[str, ...], tuple[Argument, ...]]:
    """Drop global options before the sub-command: `pip --no-cache-dir install`."""
    skip = 0
    while skip < len(words) and words[skip].startswith("-"):
        valued = words[skip] in ("--timeout", "--cache-dir", "--proxy", "--python", "--directory")
        skip += 2 if valued else 1
    return words[skip:], arguments[skip:]


def apply_pip(
    execution: Execution,
    installer: Installer,
    arguments: tuple[Argument, ...],
    state: StageState,
    reader: RequirementReader,
    locate: Locate,
    group: int,
) -> None:
    """Add what `pip install …` (or `uv pip install/sync …`) installs to its environment."""
    command = read_pip_arguments(arguments)
    uv = installer.is_uv
    options = with_variables(install_options(command), state.pip_settings, execution.lookup, uv=uv)
    if options.dry_run:
        return
    draft = _environment(execution, command, options, state, uv=uv)
    found = _read_files(execution, command, state, reader, locate, uv=uv)
    options = _with_in_file(options, found)
    builder = InstallBuilder(execution, installer, state.index, group, options, draft)
    builder.constraints = _constraints(found)
    builder.constraints_unknown = bool(found.constraints_missing)
    builder.indexes = effective_indexes(
        command,
        found.options,
        state.pip_settings,
        execution.lookup,
        uv=uv,
        complete=not state.pip_config_unread,
    )
    for requirement in found.requirements:
        if not requirement.constraint:
            builder.add_line(requirement.line, requirement.location)
    for argument in command.requirements:
        builder.add_argument(argument, editable=False)
    for argument in command.editables:
        builder.add_argument(argument, editable=True)
    for place, reason in found.missing:
        builder.add_opaque(place, reason, "requirement file")


def apply_uninstall(
    execution: Execution,
    installer: Installer,
    arguments: tuple[Argument, ...],
    state: StageState,
    group: int,
) -> None:
    """Record what `pip uninstall` takes out of its environment."""
    command = read_pip_arguments(arguments)
    options = install_options(command)
    draft = _environment(execution, command, options, state, uv=installer.is_uv)
    builder = InstallBuilder(execution, installer, state.index, group, options, draft)
    for argument in command.requirements:
        builder.add_argument(argument, editable=False, uninstall=True)


def _environment(
    execution: Execution,
    command: PipCommand,
    options: InstallOptions,
    state: StageState,
    *,
    uv: bool,
) -> EnvironmentDraft:
    """The environment that one command installs into."""
    environments = state.environments
    chosen = uv_environment(execution, command, options, state) if uv else None
    draft = chosen or environments.of(execution)
    if options.target is not None:
        target = options.target
        resolved = execution.resolve(target) if isinstance(target, str) else target
        return environments.target(resolved, draft.python)
    return draft


def uv_environment(
    execution: Execution, command: PipCommand, options: InstallOptions, state: StageState
) -> EnvironmentDraft | None:
    """The environment uv chooses: --python, --system, VIRTUAL_ENV, CONDA_PREFIX, then `.venv` here or above."""
    environments = state.environments
    python = command.last("--python")
    path = execution.lookup("PATH")
    if isinstance(python, str):
        if "/" in python:
            prefix = execution.resolve(python)
            if isinstance(prefix, str) and "/bin/" in prefix:
                return environments._at(prefix, None)
            return environments.activated(prefix)
        minor = python if python.count(".") == 1 else None
        return environments.on_path(path, minor)
    if options.system:
        return environments.on_path(path, None)
    if execution.activated is not None:
        return environments.activated(execution.activated)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        value = execution.lookup(name)
        if isinstance(value, str) and value:
            return environments.activated(value)
    folder = execution.workdir
    while isinstance(folder, str):
        if posixpath.join(folder, ".venv") in environments.drafts:
            return environments.drafts[posixpath.join(folder, ".venv")]
        if folder in ("/", ""):
            break
        folder = posixpath.dirname(folder)
    return environments.on_path(path, None)


def _read_files(
    execution: Execution,
    command: PipCommand,
    state: StageState,
    reader: RequirementReader,
    locate: Locate,
    *,
    uv: bool,
) -> FoundFiles:
    """Every requirement and constraint file of the command, followed to the end."""
    found = FoundFiles()
    paths: list[tuple[Argument | None, Value, bool]] = [
        *((argument, argument.value, False) for argument in command.files),
        *((argument, argument.value, True) for argument in command.constraints),
        *((argument, argument.value, True) for argument in command.overrides),
        *(
            (None, value, True)
            for value in constraint_paths(execution.lookup, state.pip_settings, uv=uv)
        ),
    ]
    for argument, value, constraint in paths:
        place = execution.location
        if argument is not None:
            place = Location(place.path, argument.word.span)
        path = value if isinstance(value, str) and "://" in value else execution.resolve(value)
        if isinstance(path, Unknown):
            missing = found.constraints_missing if constraint else found.missing
            missing.append((place, f"the path of this file is not known: {path}"))
        else:
            reader.follow(path, place, locate, found, constraint=constraint)
    return found


def _with_in_file(options: InstallOptions, found: FoundFiles) -> InstallOptions:
    names = {name for name, _ in found.options}
    changes = {
        "pre": options.pre or "--pre" in names,
        "require_hashes": options.require_hashes or "--require-hashes" in names,
    }
    values = {name: getattr(options, name) for name in options.__slots__}
    return InstallOptions(**{**values, **changes})


def _constraints(found: FoundFiles) -> dict[str, FoundRequirement]:
    return {
        requirement.line.name: requirement
        for requirement in found.requirements
        if requirement.constraint and requirement.line.name
    }


class InstallBuilder:
    """Turns requirement lines and arguments of one command into `Install`s of one environment."""

    def __init__(
        self,
        execution: Execution,
        installer: Installer,
        stage: int,
        group: int,
        options: InstallOptions,
        draft: EnvironmentDraft,
    ) -> None:
        self.execution = execution
        self.installer = installer
        self.stage = stage
        self.group = group
        self.options = options
        self.draft = draft
        self.indexes = Indexes()
        self.constraints: dict[str, FoundRequirement] = {}
        self.constraints_unknown = False

    def add_line(
        self, line: RequirementLine, location: Location, *, uninstall: bool = False
    ) -> None:
        """Add one requirement as written at `location`."""
        conditional = self.execution.conditional
        requirement = line.requirement
        if requirement is not None and requirement.marker is not None:
            applies = marker_applies(requirement, self.draft.python)
            if applies is False:
                return
            conditional = conditional or applies is None
        version = wheel_version(line.url) if line.url else None
        pinned, pinned_by = self._constraint(line.name)
        source = location.path
        self.draft.installs.append(
            Install(
                installer=self.installer,
                name=line.name,
                requirement=requirement,
                text=line.text,
                location=location,
                command=self.execution.location,
                stage=self.stage,
                group=self.group,
                options=self.options,
                indexes=self.indexes,
                url=line.url,
                editable=line.editable,
                hashed=bool(line.hashes),
                conditional=conditional,
                uninstall=uninstall,
                opaque=self._opaque(line, uninstall=uninstall),
                pinned=version or pinned,
                pinned_by=pinned_by,
                file=source if source != self.execution.location.path else None,
            )
        )

    @staticmethod
    def _opaque(line: RequirementLine, *, uninstall: bool) -> str | None:
        """A project installed from source brings dependencies that were not read."""
        if uninstall or (line.requirement is not None and line.url is None):
            return None
        if line.url is not None and wheel_version(line.url) is not None:
            return None
        return f"the dependencies of {line.text} are not known"

    def _constraint(self, name: str | None) -> tuple[Version | Unknown | None, Location | None]:
        found = self.constraints.get(name or "")
        if found is not None and found.line.requirement is not None:
            for specifier in found.line.requirement.specifier:
                if specifier.operator == "==" and not specifier.version.endswith(".*"):
                    return Version(specifier.version), found.location
            return Unknown("a constraint limits the version"), found.location
        if self.constraints_unknown:
            return Unknown("a constraint file was not read"), None
        return None, None

    def add_argument(self, argument: Argument, *, editable: bool, uninstall: bool = False) -> None:
        """Add one requirement given on the command line."""
        place = Location(self.execution.location.path, argument.word.span)
        value = argument.value
        if isinstance(value, Unknown):
            self._add_partly_known(argument, place, value)
            return
        mapped = MappedText(value, (0,), ((place.span.line, place.span.column),))
        line = parse_requirement(mapped, editable=editable)
        if isinstance(line, BadLine):
            self.add_opaque(place, line.message, value)
        else:
            self.add_line(line, place, uninstall=uninstall)

    def _add_partly_known(self, argument: Argument, place: Location, value: Unknown) -> None:
        """`torch==${TORCH}`: the name is known, the version is not."""
        name = argument.prefix
        for separator in ("==", ">=", "<=", "~=", "!=", "<", ">", "[", "@", " "):
            name = name.partition(separator)[0]
        mapped = MappedText(name, (0,), ((place.span.line, place.span.column),))
        line = parse_requirement(mapped) if name and name != argument.prefix else None
        if line is None or isinstance(line, BadLine) or line.name is None:
            self.add_opaque(place, f"{argument.word.text}: {value}", argument.word.text)
            return
        self.add_line(line, place)
        install = self.draft.installs.pop()
        self.draft.installs.append(_with_unknown_version(install, argument.word.text, value))

    def add_opaque(self, place: Location, reason: str, text: str) -> None:
        """Record that the command installs something whose content is not known."""
        self.draft.installs.append(
            Install(
                installer=self.installer,
                name=None,
                requirement=None,
                text=text,
                location=place,
                command=self.execution.location,
                stage=self.stage,
                group=self.group,
                options=self.options,
                indexes=self.indexes,
                conditional=self.execution.conditional,
                opaque=reason,
            )
        )


def _with_unknown_version(install: Install, text: str, reason: Unknown) -> Install:
    values = {name: getattr(install, name) for name in Install.__slots__}
    return Install(**{**values, "text": text, "pinned": reason})


def wheel_version(url: str) -> Version | None:
    """The version in a wheel's file name, None when the URL names no wheel."""
    name = posixpath.basename(url.partition("#")[0].partition("?")[0]).replace("%2B", "+")
    if not name.endswith(".whl"):
        return None
    try:
        return parse_wheel_filename(name)[1]
    except InvalidWheelFilename:
        return None


def marker_applies(requirement: Requirement, python: Python | Unknown | None) -> bool | None:
    """Whether the marker holds on Linux x86_64 with that Python; None when that is not known."""
    marker = requirement.marker
    if marker is None:
        return True
    text = str(marker)
    environment = {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    if isinstance(python, Python):
        version = python.version
        environment["python_version"] = f"{version.major}.{version.minor}"
        environment["python_full_version"] = f"{version}" if version.micro else f"{version}.0"
    elif "python" in text.replace("platform_python_implementation", ""):
        return None
    if "platform_release" in text or "platform_version" in text:
        return None
    try:
        return marker.evaluate(environment)
    except (UndefinedComparison, UndefinedEnvironmentName):
        return None
