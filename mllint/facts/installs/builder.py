"""Requirement lines and arguments of one command in, `Install`s of one environment out."""

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import Argument, Value
from mllint.facts.environments.drafts import EnvironmentDraft
from mllint.facts.installs.found_files import Constraints
from mllint.facts.installs.install import (
    AbsentFile,
    Indexes,
    Install,
    Installer,
    InstallOptions,
    RequirementFault,
    Written,
)
from mllint.facts.installs.markers import Markers
from mllint.facts.unknown import Unknown
from mllint.parse.requirements import BadLine, RequirementLine, parse_requirement
from mllint.parse.shell import Parameter
from mllint.parse.source import Location, MappedText

if TYPE_CHECKING:
    from mllint.facts.installs.project_builder import ProjectBuilder
    from mllint.facts.installs.source_projects import SourceProject


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
        self.constraints = Constraints()
        self.projects: ProjectBuilder | None = None
        self.open_projects: Callable[[], ProjectBuilder] | None = None
        self.faults: list[RequirementFault] = []

    def add_line(
        self,
        line: RequirementLine,
        location: Location,
        *,
        uninstall: bool = False,
        indexes: Indexes | None = None,
        metadata: bool = False,
        written: Written | None = None,
    ) -> None:
        """Add one requirement as `location` asks for it; indexes: those of this one alone.

        metadata: it stands in the metadata of a project.
        """
        applies = self._applies(line)
        if applies is False:
            return
        alone = uninstall or self._is_alone(line)
        project = None if alone else self._project(line)
        opaque = self._opaque(line, alone=alone)
        if project is not None and opaque is not None:
            opaque = project if isinstance(project, str) else project.unknown
        known = None if isinstance(project, str) else project
        install = self._install(line, location, opaque)
        self.draft.installs.append(
            install._replace(
                name=known.name if known is not None else line.name,
                indexes=indexes or self.indexes,
                conditional=install.conditional or applies is None,
                uninstall=uninstall,
                metadata=metadata,
                written=written,
                python=None if known is None or self.options.any_python else known.python,
            )
        )
        if self.projects is not None and known is not None:
            self.projects.add(known, line.extras)

    def _install(self, line: RequirementLine, location: Location, opaque: str | None) -> Install:
        """What every line of the command has in common, and what this one says."""
        return Install(
            installer=self.installer,
            name=line.name,
            requirement=line.requirement,
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
            conditional=self.execution.conditional,
            tolerated=self.execution.tolerated,
            constrained=self.constraints.names,
            opaque=opaque,
            pinned=line.version or self.constraints.pin(line.name),
            files=self.files,
            limits=self.constraints.limits,
        )

    def _applies(self, line: RequirementLine) -> bool | None:
        """Whether the line's marker holds there; None when that is not known."""
        if line.requirement is None or line.requirement.marker is None:
            return True
        return Markers(self.draft.python, self.platform).holds(str(line.requirement.marker))

    def _project(self, line: RequirementLine) -> "SourceProject | str | None":
        """The project in the folder that a requirement names; why its files do not tell."""
        if line.url is None or "://" in line.url.removeprefix("file://"):
            return None
        if self.projects is None and self.open_projects is not None:
            self.projects = self.open_projects()
        return self.projects.open(line) if self.projects is not None else None

    def _is_alone(self, line: RequirementLine) -> bool:
        """`pip install --no-deps /app`; an unnamed project from elsewhere may be any package."""
        local = line.url is None or "://" not in line.url
        return self.options.no_deps and (local or line.name is not None)

    @staticmethod
    def _opaque(line: RequirementLine, *, alone: bool) -> str | None:
        """A project installed from source brings dependencies that were not read."""
        if alone or (line.requirement is not None and line.url is None):
            return None
        if line.url is not None and line.version is not None:
            return None
        return f"the dependencies of {line.text} are not known"

    def add_argument(self, argument: Argument, *, editable: bool, uninstall: bool = False) -> None:
        """Add one requirement given on the command line."""
        place = Location(self.execution.location.path, argument.word.span)
        value = argument.value
        if isinstance(value, Unknown):
            self._add_partly_known(argument, place, value)
            return
        # No file is named as `torch==2.1.*` says: the shell leaves it as it is.
        if argument.word.unquoted_glob and "*" in value and "==" not in value:
            self._add_matching_wheels(place, value)
            return
        mapped = MappedText(value, (0,), ((place.span.line, place.span.column),))
        line = parse_requirement(mapped, editable=editable)
        if isinstance(line, BadLine):
            # bash makes two words of `{numpy,scipy}==1.0`.
            braces = "{" in value and not argument.word.quoted
            if not braces and not self._has_empty_variable(argument):
                self.add_fault(place, bad=line)
            self.add_opaque(place, line.message, value)
        else:
            written = Written(False, argument.written) if argument.in_place else None
            self.add_line(line, place, uninstall=uninstall, written=written)

    def _has_empty_variable(self, argument: Argument) -> bool:
        """`torch==${TORCH}` without a value: what is wrong there is the variable."""
        return any(
            isinstance(part, Parameter) and not self.execution.lookup(part.name)
            for part in argument.word.parts
        )

    def add_fault(
        self, place: Location, *, bad: BadLine | None = None, absent: AbsentFile | None = None
    ) -> None:
        """Note what makes the command stop."""
        python = self.draft.python
        self.faults.append(
            RequirementFault(self.execution, place, self.installer, python, bad, absent)
        )

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

    def add_opaque(
        self,
        place: Location,
        reason: str,
        text: str,
        name: str | None = None,
        *,
        locked: bool = False,
    ) -> None:
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
                locked=locked,
                conditional=self.execution.conditional,
                opaque=reason,
            )
        )


def _with_unknown_version(install: Install, text: str, reason: Unknown) -> Install:
    return install._replace(text=text, pinned=reason)
