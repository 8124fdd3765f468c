"""A stage in, the repositories that it takes in whatever state they are in, out."""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.clones import read_clone
from mllint.facts.commands.executions import Execution
from mllint.facts.commands.unread_scripts import runs_unread_script
from mllint.facts.installs.install import Install, Installer
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

_INSTALLERS = (Installer.PIP, Installer.UV_PIP, Installer.UV_SYNC, Installer.POETRY)
# Names that only a branch has.
_BRANCHES = frozenset({"main", "master", "develop", "dev", "trunk", "nightly", "HEAD"})
_CHOOSING = frozenset({"checkout", "reset", "switch", "fetch", "pull", "submodule", "am", "apply"})


class MovingSource(NamedTuple):
    """A repository that is installed at whatever commit its branch has on that day.

    what: the package or repository, for a message. branch: its name, None for the default one.
    location: what a person would edit. cloned: by `git clone`, not by pip itself.
    """

    what: str
    branch: str | None
    location: Location
    cloned: bool


def moving_sources(stage: Stage) -> Iterator[MovingSource]:
    """Those that this stage's own commands install: by pip itself, then from a clone."""
    seen: set[Location] = set()
    for environment in stage.environments:
        for install in environment.installs:
            if install.stage == stage.index and install.location not in seen:
                found = _by_url(install)
                if found is not None:
                    seen.add(install.location)
                    yield found
    yield from _cloned(stage)


def _by_url(install: Install) -> MovingSource | None:
    """`git+https://host/owner/repo`: no `@` behind the host, or a branch there."""
    url = install.url or ""
    known = install.installer in _INSTALLERS and not (install.locked or install.uninstall)
    if not known or not url.startswith("git+"):
        return None
    path = url.partition("#")[0].partition("://")[2].partition("/")[2]
    repository, at, revision = path.partition("@")
    if at and revision.removeprefix("refs/heads/") not in _BRANCHES:
        return None
    repository = repository.rstrip("/").removesuffix(".git")
    return MovingSource(install.name or repository, revision or None, install.location, False)


def _cloned(stage: Stage) -> Iterator[MovingSource]:
    """Each clone in which nothing chooses a commit, and whose content pip then installs."""
    done = tuple(stage.executions)
    installed = _installed_folders(stage, done)
    choices = (place for place, command in enumerate(done) if _may_choose(command))
    last_choice = max(choices, default=-1)
    cloned: set[str] = set()
    for execution in done[last_choice + 1 :] if installed else ():
        clone = _clone(execution)
        if clone is None:
            continue
        name, branch, folder = clone
        first = folder not in cloned  # `git clone -b x … || git clone …`
        cloned.add(folder)
        if first and folder in installed and (branch is None or branch in _BRANCHES):
            yield MovingSource(name, branch, execution.location, True)


def _clone(execution: Execution) -> tuple[str, str | None, str] | None:
    """(repository, branch, folder) of a `git clone` of which all of that is known."""
    clone = read_clone(execution)
    if clone is None or "://" not in clone.address or "--revision" in execution.words:
        return None
    if any(not isinstance(argument.value, str) for argument in execution.arguments):
        return None
    folder = execution.resolve(clone.folder)
    if not isinstance(folder, str) or folder == "/":
        return None
    return clone.name, clone.branch, folder


def _installed_folders(stage: Stage, done: tuple[Execution, ...]) -> set[str]:
    """The folders of projects that this stage installs, and those above them."""
    by_place = {execution.location: execution for execution in done}
    found: set[str] = set()
    for environment in stage.environments:
        for install in environment.installs:
            run = by_place.get(install.command)
            local = install.url is not None and "://" not in install.url.removeprefix("file://")
            if run is not None and install.stage == stage.index and local:
                place = run.resolve((install.url or "").removeprefix("file://"))
                while isinstance(place, str) and place not in found and place not in ("/", ""):
                    found.add(place)
                    place = posixpath.dirname(place)
    return found


def _may_choose(execution: Execution) -> bool:
    """`git checkout v1`, or what may do so unseen."""
    if execution.program == "git":
        return bool(_CHOOSING & set(execution.words))
    if execution.shell_file is not None or execution.program in ("gh", "gclient", "repo"):
        return True
    return runs_unread_script(execution)
