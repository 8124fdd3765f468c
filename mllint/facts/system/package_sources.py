"""Stages in, which of their commands ask the distribution's own package servers, out.

A stage that rewrites its list of servers asks others: none of its commands is given.
"""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.exit_status import forgiven_failures
from mllint.facts.commands.filesystem import ARCHIVES, Context, Copy, Layer
from mllint.facts.commands.mounts import mount_options
from mllint.facts.commands.unread_scripts import runs_unread_script
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import SystemPackage, manager_verb, system_packages
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple

# An install by apt without lists fails on every image; by dnf it fetches them itself.
_ASKING = {
    "apt-get": frozenset({"update"}),
    "apt": frozenset({"update"}),
    "aptitude": frozenset({"update"}),
    "yum": frozenset({"install", "update", "upgrade", "makecache", "groupinstall"}),
    "dnf": frozenset({"install", "update", "upgrade", "makecache", "groupinstall"}),
    "microdnf": frozenset({"install", "update", "upgrade"}),
}
_OTHER_SERVERS = ("--disablerepo", "--repofrompath", "--repo", "-c", "Dir::Etc", "oDir::Etc")
_OTHER_RELEASE = ("-t", "--target-release", "--default-release")
_SOURCE_FOLDERS = ("/etc/apt", "/etc/apt/sources.list.d", "/etc/yum.repos.d")
# The beginnings of the names of the files that an image itself brings into those folders.
_OWN_LISTS = ("sources.list", "debian.sources", "ubuntu.sources", "CentOS")


class PpaInstall(NamedTuple):
    """A package that a stage installs after it added a personal package archive."""

    ppa: str  # `ppa:deadsnakes/ppa`
    package: SystemPackage


def server_request(project: Project, stages: tuple[Stage, ...]) -> Execution | None:
    """The first command that certainly asks the servers which the image's own lists name."""
    for stage in stages:
        if any(_rewrites(layer, project.context) for layer in stage.layers):
            continue
        for execution in stage.executions:
            if _is_request(execution):
                return execution
            if _may_rewrite(execution):
                break
    return None


def _is_request(execution: Execution) -> bool:
    if execution.conditional or execution.tolerated:
        return False
    if any(word.startswith(_OTHER_SERVERS) for word in execution.words):
        return False
    return manager_verb(execution) in _ASKING.get(execution.program, ())


def _rewrites(layer: Layer, context: Context | None) -> bool:
    """Whether a copy or a command changes the lists that the image brings."""
    if isinstance(layer, Copy):
        place = layer.destination
        if isinstance(place, Unknown):
            return False
        if posixpath.normpath(place) in ("/", "/etc"):
            return _may_hold_lists(layer, context)
        return _is_own_list(posixpath.normpath(place))
    if isinstance(layer.path, Unknown):
        return layer.by == "sed"
    return _is_own_list(layer.path)


def _may_hold_lists(copy: Copy, context: Context | None) -> bool:
    """Whether a copy into `/` or `/etc` may bring package lists along."""
    if not copy.from_context:
        return True
    named = [source for source in copy.sources if isinstance(source, str)]
    if len(named) < len(copy.sources):
        return True
    folders = [source for source in named if not _is_plain_file(source)]
    if context is None:
        return bool(folders)
    return any(
        not context.holds(source) or any(context.find(f"{source}/{n}") for n in ("etc", "apt"))
        for source in folders
    )


def _is_plain_file(source: str) -> bool:
    """`COPY setup.sh /` brings one file, `ADD rootfs.tar.gz /` may bring any."""
    name = posixpath.basename(source)
    return "." in name.strip(".") and not name.endswith(ARCHIVES)


def _may_add_list(layer: Layer, context: Context | None) -> bool:
    """Whether a second list may stand below /etc/apt once a copy or a command is done."""
    if _adds_list(layer):
        return True
    if not isinstance(layer, Copy) or isinstance(layer.destination, Unknown):
        return False
    return posixpath.normpath(layer.destination) in ("/", "/etc") and _may_hold_lists(
        layer, context
    )


def _is_own_list(path: str) -> bool:
    if path in _SOURCE_FOLDERS:
        return True
    folder, name = posixpath.split(path)
    return folder in _SOURCE_FOLDERS and (name.startswith(_OWN_LISTS) or "*" in name)


def _may_rewrite(execution: Execution) -> bool:
    """Whether a command may change the lists unseen: a script, or one that removes them."""
    words = (execution.program, *execution.words)
    if execution.program in ("rm", "mv", "find", "dpkg", "rpm", "yum-config-manager"):
        return any(word.startswith(("/etc/apt", "/etc/yum")) for word in words)
    return runs_unread_script(execution)


def ppa_installs(stages: tuple[Stage, ...]) -> Iterator[PpaInstall]:
    """What is certainly installed after a PPA was added, where no other source was."""
    for stage in stages:
        if any(_adds_list(layer) for layer in stage.layers):
            continue
        ppa: str | None = None
        for execution in stage.executions:
            if execution.program in ("add-apt-repository", "apt-add-repository"):
                named = [word for word in execution.words if word.startswith("ppa:")]
                ppa = named[0] if named and ppa is None else ""  # a second one may serve it too
            elif ppa and not (execution.conditional or execution.tolerated):
                for package in system_packages(execution):
                    if not package.removed:
                        yield PpaInstall(ppa, package)


def release_packages(project: Project, stage: Stage) -> Iterator[SystemPackage]:
    """What a stage asks apt for where only the image's own release can have it, in order.

    A second source may have any package: a PPA, the archive of an older release, whatever a
    script adds whose text is not here.
    """
    if stage.third_party_apt or any(_may_add_list(each, project.context) for each in stage.layers):
        return
    inherited = tuple(project.lineage(stage))[1:]
    if any(_may_add_source(each) for parent in inherited for each in parent.executions):
        return
    for run in stage.runs:
        forgiven = {id(execution) for execution in forgiven_failures(run)}
        for execution in run.executions:
            if _may_add_source(execution):
                return
            if id(execution) not in forgiven and not _names_source(execution):
                yield from system_packages(execution)


def _may_add_source(execution: Execution) -> bool:
    """Whether a command may bring a list of packages along: `dpkg -i repo.deb`, a script."""
    if execution.program == "dpkg" or manager_verb(execution) == "install":
        packages = [posixpath.basename(word) for word in execution.words if word.endswith(".deb")]
        # NVIDIA's servers hold nothing of the distribution.
        return any(not name.startswith("cuda-keyring") for name in packages)
    return runs_unread_script(execution)


def _names_source(execution: Execution) -> bool:
    """Whether the command itself names a release or a list: `apt-get -t bullseye install x`."""
    if any(word.startswith((*_OTHER_SERVERS, *_OTHER_RELEASE)) for word in execution.words):
        return True
    mounts = mount_options(execution.instruction)
    return any("/etc/apt" in value for _, options in mounts for value in options.values())


def _adds_list(layer: Layer) -> bool:
    """Whether a copy or a command writes below /etc/apt, where a second source may stand."""
    place = layer.destination if isinstance(layer, Copy) else layer.path
    return isinstance(place, str) and (
        place.startswith("/etc/apt/sources.list") or place.rstrip("/") == "/etc/apt"
    )
