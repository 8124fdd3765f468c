"""Requirement lines and arguments of one command in, `Install`s of one environment out."""

import posixpath

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import Argument, Value
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.images.base_image import Python
from mllint.facts.installs.install import Indexes, Install, Installer, InstallOptions, Written
from mllint.facts.installs.requirement_files import FoundRequirement
from mllint.facts.unknown import Unknown
from mllint.parse.requirements import BadLine, RequirementLine, parse_requirement
from mllint.parse.source import Location, MappedText

# Machine as images name it -> what `uname -m` prints there.
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "ppc64le": "ppc64le"}


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
        self.files: tuple[str, ...] = ()
        self.platform: Value = "linux/amd64"
        self.constraints: dict[str, FoundRequirement] = {}
        self.constraints_unknown = False

    def add_line(
        self,
        line: RequirementLine,
        location: Location,
        *,
        uninstall: bool = False,
        written: Written | None = None,
    ) -> None:
        """Add one requirement as `location` asks for it."""
        conditional = self.execution.conditional
        requirement = line.requirement
        if requirement is not None and requirement.marker is not None:
            applies = marker_applies(requirement, self.draft.python, self.platform)
            if applies is False:
                return
            conditional = conditional or applies is None
        version = wheel_version(line.url) if line.url else None
        pinned, pinned_by = self._constraint(line.name)
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
                tolerated=self.execution.tolerated,
                constrained=self._constrained(),
                uninstall=uninstall,
                opaque=self._opaque(line, alone=uninstall or self._is_alone(line)),
                pinned=version or pinned,
                pinned_by=pinned_by,
                files=self.files,
                written=written,
            )
        )

    def _is_alone(self, line: RequirementLine) -> bool:
        """`pip install --no-deps /app`; an unnamed project from elsewhere may be any package."""
        local = line.url is None or "://" not in line.url
        return self.options.no_deps and (local or line.name is not None)

    @staticmethod
    def _opaque(line: RequirementLine, *, alone: bool) -> str | None:
        """A project installed from source brings dependencies that were not read."""
        if alone or (line.requirement is not None and line.url is None):
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

    def _constrained(self) -> frozenset[str] | Unknown:
        if self.constraints_unknown:
            return Unknown("a constraint file was not read")
        return frozenset(self.constraints)

    def add_argument(self, argument: Argument, *, editable: bool, uninstall: bool = False) -> None:
        """Add one requirement given on the command line."""
        place = Location(self.execution.location.path, argument.word.span)
        value = argument.value
        if isinstance(value, Unknown):
            self._add_partly_known(argument, place, value)
            return
        if argument.word.unquoted_glob and "*" in value:
            self._add_matching_wheels(place, value)
            return
        mapped = MappedText(value, (0,), ((place.span.line, place.span.column),))
        line = parse_requirement(mapped, editable=editable)
        if isinstance(line, BadLine):
            self.add_opaque(place, line.message, value)
        else:
            written = Written(False, argument.written) if argument.in_place else None
            self.add_line(line, place, uninstall=uninstall, written=written)

    def _add_matching_wheels(self, place: Location, pattern: str) -> None:
        """`pip install dist/flash_attn*.whl`: the shell finds the files; the name may be known."""
        name = posixpath.basename(pattern).partition("*")[0].rstrip("-_.")
        reason = f"the files that match {pattern} are not known"
        self.add_opaque(place, reason, pattern, name=canonicalize_name(name) if name else None)

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

    def add_opaque(self, place: Location, reason: str, text: str, name: str | None = None) -> None:
        """Record that the command installs something whose content is not known."""
        self.draft.installs.append(
            Install(
                installer=self.installer,
                name=name,
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
    return install._replace(text=text, pinned=reason)


def wheel_version(url: str) -> Version | None:
    """The version in a wheel's file name, None when the URL names no wheel."""
    name = posixpath.basename(url.partition("#")[0].partition("?")[0]).replace("%2B", "+")
    if not name.endswith(".whl"):
        return None
    try:
        return parse_wheel_filename(name)[1]
    except InvalidWheelFilename:
        return None


def marker_applies(
    requirement: Requirement, python: Python | Unknown | None, platform: Value
) -> bool | None:
    """Whether the marker holds on that Linux with that Python; None when that is not known."""
    marker = requirement.marker
    if marker is None:
        return True
    text = str(marker)
    environment = {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    parts = () if isinstance(platform, Unknown) else platform.split("/")[1:]
    machine = _MACHINES.get(parts[0]) if parts else None
    if machine is not None:
        environment["platform_machine"] = machine
    elif "platform_machine" in text:
        return None
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
