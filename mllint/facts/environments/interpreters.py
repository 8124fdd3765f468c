"""The environments of a stage while it is built, and which one a `pip` or `python` belongs to.

Takes PATH, activation, VIRTUAL_ENV and absolute paths into account; records no packages itself.
"""

import posixpath
from collections.abc import Iterator
from copy import copy

from packaging.version import Version

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import Value
from mllint.facts.environments.drafts import EnvironmentDraft, main_environment
from mllint.facts.environments.environment import Environment, EnvironmentKind
from mllint.facts.environments.programs import wanted_version
from mllint.facts.images.base_image import BaseImage, Origin, Python
from mllint.facts.unknown import Unknown
from mllint.parse.source import Location
from mllint.regex import lazy

# Stands in PATH for the folders of an image whose PATH is not known.
UNKNOWN_PATH = "\0base"
# Names of folders with interpreters: /opt/miniconda3, /srv/venv, /root/.pyenv, ~/.asdf/shims.
_PYTHON_FOLDER = lazy(r"conda|mamba|forge|python|env|shims")


class Environments:
    """The environments of one stage under construction, by prefix."""

    def __init__(self, base: BaseImage) -> None:
        self.drafts: dict[str, EnvironmentDraft] = {}
        self.distro_python = base.distro_python
        self.alias: str | None = None  # minor version that `python3` was made to mean
        self.linked: str | None = None  # the same, where a link named `python3` says so
        self.pip_alias: str | None = None  # minor version whose pip was put first on PATH
        self.packaged = isinstance(base.python, Python)  # `python3` was certainly installed
        self.unread: str | None = None  # what may have installed another one, if none was
        self.hidden: str | None = None  # what may stand before the distribution's on PATH
        self.foreign_folders: set[str] = set()  # copied from where a Python may be
        self.uv_pythons: tuple[str, ...] = ()  # what `uv python install` was asked for
        self.main, draft = main_environment(base)
        self.drafts[self.main] = draft

    def copy(self) -> "Environments":
        """The same environments for a stage that builds on this one."""
        twin = copy(self)
        twin.drafts = {key: draft.copy() for key, draft in self.drafts.items()}
        twin.foreign_folders = set(self.foreign_folders)
        return twin

    @property
    def doubt(self) -> str | None:
        """Why a bare `python3` may not be the distribution's, where it would be; None: it is."""
        if self.main != "/usr":
            return None
        return self.hidden or (None if self.packaged else self.unread)

    def venv(
        self, prefix: str, python: Python | Unknown | None, created: Location, *, system_site: bool
    ) -> EnvironmentDraft:
        """A fresh virtual environment at `prefix`; one that is there already stays as it is."""
        if prefix not in self.drafts:
            self.drafts[prefix] = EnvironmentDraft(
                prefix, EnvironmentKind.VENV, python, (), created, system_site
            )
        return self.drafts[prefix]

    def conda(
        self, prefix: str, python: Python | Unknown | None, created: Location
    ) -> EnvironmentDraft:
        """A conda environment at `prefix`; one that is there already stays as it is."""
        if prefix not in self.drafts:
            self.drafts[prefix] = EnvironmentDraft(
                prefix, EnvironmentKind.CONDA, python, (), created
            )
        return self.drafts[prefix]

    def distro(self, minor: str | None, origin: Origin) -> EnvironmentDraft:
        """The environment of `/usr/bin/python3` or, with `minor`, of `/usr/bin/pythonX.Y`."""
        default = self.distro_python
        known = isinstance(default, Python)
        if minor is None or (isinstance(default, Python) and f"{default.version}" == minor):
            python = default
            key = "/usr"
        else:
            marker: bool | Unknown = Unknown("PEP 668 marker of a second Python")
            python = Python(Version(minor), "/usr", origin, marker)
            key = f"/usr#{minor}" if known or default is not None else "/usr"
        if key not in self.drafts:
            self.drafts[key] = EnvironmentDraft("/usr", EnvironmentKind.SYSTEM, python)
        return self.drafts[key]

    def brought(self, prefix: str, environment: Environment) -> EnvironmentDraft:
        """An environment that a COPY brought whole, interpreter and all."""
        draft = EnvironmentDraft(
            prefix,
            environment.kind,
            environment.python,
            environment.preinstalled,
            environment.created,
            environment.system_site,
            list(environment.installs),
        )
        self.drafts[prefix] = draft
        return draft

    def built(self, python: Python | Unknown) -> None:
        """Note a Python that was compiled and installed into /usr/local."""
        self.drafts["/usr/local"] = EnvironmentDraft("/usr/local", EnvironmentKind.SYSTEM, python)

    def unknown(self, reason: str) -> EnvironmentDraft:
        """The environment that cannot be told for this reason."""
        key = f"?{reason}"
        if key not in self.drafts:
            self.drafts[key] = EnvironmentDraft(
                Unknown(reason), EnvironmentKind.VENV, Unknown(reason), Unknown(reason)
            )
        return self.drafts[key]

    def foreign(self, prefix: str) -> EnvironmentDraft:
        """An environment that something outside this Dockerfile made: its content is unknown."""
        if prefix not in self.drafts:
            unknown = Unknown(f"{prefix} was not made in this Dockerfile")
            self.drafts[prefix] = EnvironmentDraft(prefix, EnvironmentKind.VENV, unknown, unknown)
        return self.drafts[prefix]

    def target(self, prefix: Value, python: Python | Unknown | None) -> EnvironmentDraft:
        """The folder of `pip install --target`."""
        if isinstance(prefix, Unknown):
            return self.unknown(str(prefix))
        if prefix not in self.drafts:
            self.drafts[prefix] = EnvironmentDraft(prefix, EnvironmentKind.TARGET, python)
        return self.drafts[prefix]

    @property
    def conda_root(self) -> str | None:
        """The prefix of the conda installation, if there is one."""
        for key, draft in self.drafts.items():
            if draft.kind is EnvironmentKind.CONDA and "/envs/" not in key:
                return key
        return None

    def named_conda(self, name: str) -> EnvironmentDraft | None:
        """The conda environment of that name or prefix; None when it was not seen."""
        if name in ("base", "root") and self.conda_root is not None:
            return self.drafts[self.conda_root]
        for key, draft in self.drafts.items():
            if draft.kind is EnvironmentKind.CONDA and (
                key == name or key.endswith(f"/envs/{name}")
            ):
                return draft
        return None

    def of(self, execution: Execution) -> EnvironmentDraft:
        """The environment whose `pip` or `python` an execution calls."""
        called = execution.called
        if isinstance(called, Unknown):
            return self.unknown(str(called))
        minor = wanted_version(execution.program)
        if minor is None and execution.program.startswith("pip"):
            minor = self.pip_alias
        if "/" in called:
            return self._at(execution.resolve(called), minor)
        activated = execution.activated
        if activated is not None:
            return self.activated(activated)
        return self.on_path(execution.lookup("PATH"), minor)

    def of_interpreter(self, path: Value) -> EnvironmentDraft:
        """The environment of `pip --python PATH`: an interpreter, or the folder of a venv."""
        if isinstance(path, str) and path in self.drafts:
            return self.drafts[path]
        if isinstance(path, str) and "/bin/python" in path:
            return self._at(path, wanted_version(posixpath.basename(path)))
        return self.unknown(f"the environment of --python {path}")

    def activated(self, activated: Value) -> EnvironmentDraft:
        """The environment that a shell activated: a prefix, or `conda:NAME`."""
        if isinstance(activated, Unknown):
            return self.unknown(str(activated))
        if activated.startswith("conda:"):
            draft = self.named_conda(activated[6:])
            return draft or self.unknown(f"the conda environment {activated[6:]} was not seen")
        if activated in self.drafts:
            return self.drafts[activated]
        return self.foreign(activated)

    def _at(self, path: Value, minor: str | None) -> EnvironmentDraft:
        if isinstance(path, Unknown):
            return self.unknown(str(path))
        prefix = posixpath.dirname(posixpath.dirname(path))
        if prefix in ("/usr", "/bin", "/"):
            return self.distro(minor, Origin.PPA)
        return self.activated(prefix) if prefix != "/usr/local" else self._usr_local(minor)

    def _usr_local(self, minor: str | None) -> EnvironmentDraft:
        """`/usr/local/bin/pip` is the image's own Python, or the one that get-pip served."""
        if "/usr/local" in self.drafts:
            return self.drafts["/usr/local"]
        return self.on_path(None, minor)

    def on_path(self, path: Value | None, minor: str | None) -> EnvironmentDraft:
        """The environment that a bare `python` or `pip` finds on PATH."""
        if isinstance(path, Unknown):
            return self.unknown(str(path))
        for folder in self._folders(path):
            prefix = posixpath.dirname(folder)
            draft = self.drafts.get(prefix)
            if draft is not None and draft.kind is not EnvironmentKind.TARGET:
                python = draft.python
                if minor is None or not isinstance(python, Python) or python.minor == minor:
                    return draft if prefix != "/usr" else self._system(minor)
            elif self._may_hold_python(prefix, folder):
                return self.unknown(f"{folder} may hold the Python that runs")
        return self._system(minor)

    def _may_hold_python(self, prefix: str, folder: str) -> bool:
        """Whether something that was not read may have put an interpreter into a folder of PATH."""
        if any((prefix + "/").startswith(foreign + "/") for foreign in self.foreign_folders):
            return True
        named = _PYTHON_FOLDER.search(folder) is not None
        return "pyenv" in folder or "/shims" in folder or (named and self.unread is not None)

    @staticmethod
    def _folders(path: str | None) -> Iterator[str]:
        for folder in (path or "").split(":"):
            if folder and folder != UNKNOWN_PATH:
                yield posixpath.normpath(folder)

    def _system(self, minor: str | None) -> EnvironmentDraft:
        minor = minor or self.alias
        main = self.drafts[self.main]
        if minor is None:
            return self.unknown(self.doubt) if self.doubt else main
        if isinstance(main.python, Python) and main.python.minor == minor:
            return main
        if f"/usr#{minor}" in self.drafts:
            return self.drafts[f"/usr#{minor}"]
        if isinstance(main.python, Unknown):
            return main
        return self.distro(minor, Origin.PPA)
