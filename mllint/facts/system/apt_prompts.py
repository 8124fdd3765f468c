"""A stage in, its apt commands that ask whether to go on, out: a build answers with end of file.

apt-get 2.6 asks when it would change another number of packages than were named, and always before
it removes one; then it prints `Abort.` and ends with exit code 1.
"""

from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Copy
from mllint.facts.images.base_image import Distro
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import SystemPackage, manager_verb, system_packages
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

_INSTALLING = frozenset({"install", "reinstall", "build-dep"})
_REMOVING = frozenset({"remove", "purge", "autoremove"})
_UPGRADING = frozenset({"upgrade", "dist-upgrade", "full-upgrade"})
_SURE = frozenset(
    {"--yes", "--assume-yes", "--force-yes", "--simulate", "--just-print", "--dry-run", "--recon"}
    | {"--no-act", "--print-uris", "--download-only", "--trivial-only", "--assume-no", "--help"}
    | {"--version", "--quiet=2", "-q=2"}
)
# Each of them brings others along that no image of Debian, Ubuntu, NVIDIA or Python holds, unless
# the package itself is there: the command tells.
_NEVER_ALONE = {
    "git": "git",
    "build-essential": "make",
    "cmake": "cmake",
    "python3-pip": "pip3",
    "ffmpeg": "ffmpeg",
    "software-properties-common": "add-apt-repository",
}


class AptPrompt(NamedTuple):
    """An apt command without -y.

    certain: it asks in every build. verb: the sub-command as written, and where it stands.
    subject: the package that settles it, None where nothing does.
    """

    execution: Execution
    verb: str
    place: Location
    certain: bool
    subject: str | None


def apt_prompts(stage: Stage) -> Iterator[AptPrompt]:
    """Each command of this stage's own that may ask and is not answered, in order."""
    if any(map(_is_configuration, stage.layers)):
        return
    installed = {package.name for package in _inherited(stage)}
    for execution in stage.executions:
        packages = tuple(system_packages(execution))
        verb = manager_verb(execution)
        if execution.program in ("apt-get", "apt") and verb and not _is_answered(execution):
            prompt = _prompt(execution, verb, packages, installed, stage)
            if prompt is not None:
                yield prompt
        installed |= {package.name for package in packages if not package.removed}


def _inherited(stage: Stage) -> tuple[SystemPackage, ...]:
    return stage.packages[: len(stage.packages) - len(stage.packages_here)]


def _is_configuration(layer: object) -> bool:
    """Whether a copy or a command writes apt's settings, `Assume-Yes` maybe among them."""
    place = layer.destination if isinstance(layer, Copy) else getattr(layer, "path", None)
    return isinstance(place, str) and place.startswith("/etc/apt/apt.conf")


def _is_answered(execution: Execution) -> bool:
    """Whether an option, a pipe or a redirect answers, or something unknown may."""
    command = execution.command
    if execution.conditional or execution.tolerated or command.connector == "|":
        return True
    if any(redirect.operator.startswith("<") for redirect in command.redirects):
        return True
    quiet = 0
    for argument in execution.arguments:
        text = argument.text
        if not isinstance(argument.value, str) or text in _SURE or "ssume-" in text:
            return True
        if text.startswith("-") and not text.startswith("--") and "=" not in text:
            if set(text) & set("ysdh"):
                return True
            quiet += text.count("q")
        quiet += text == "--quiet"
    return quiet > 1


def _prompt(
    execution: Execution,
    verb: str,
    packages: tuple[SystemPackage, ...],
    installed: set[str],
    stage: Stage,
) -> AptPrompt | None:
    place = next(
        Location(execution.location.path, argument.word.span)
        for argument in execution.arguments
        if argument.text == verb
    )
    names = [package.name for package in packages]
    if verb in _UPGRADING:
        return AptPrompt(execution, verb, place, False, None)
    if not names or verb not in _INSTALLING | _REMOVING:
        return None
    if verb in _REMOVING:
        subject = next((name for name in names if name in installed), None)
    else:
        subject = _never_alone(names, installed, stage)
    return AptPrompt(execution, verb, place, subject is not None, subject)


def _never_alone(names: list[str], installed: set[str], stage: Stage) -> str | None:
    """The first package that certainly brings others along on this image."""
    distro, commands = stage.base.distro, stage.base.commands
    if not isinstance(distro, Distro) or distro.name not in ("debian", "ubuntu"):
        return None
    if not isinstance(commands, frozenset) or stage.base.reference.name.startswith("nvcr.io/"):
        return None
    for name in names:
        command = _NEVER_ALONE.get(name)
        if command is not None and command not in commands and name not in installed:
            return name
    return None
