"""A stage in, its pip commands that say something else than their author meant, out."""

from collections.abc import Iterator
from enum import Enum

from packaging.version import Version

from mllint.facts.commands.executions import Execution
from mllint.facts.environments.programs import is_interpreter
from mllint.facts.images.base_image import Python
from mllint.facts.installs.install import Installer, RequirementFault
from mllint.facts.installs.pip_command import read_pip_arguments
from mllint.facts.installs.pip_installs import pip_arguments
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

# What `pip help` lists, and what it once listed.
_COMMANDS = frozenset(
    {"install", "download", "uninstall", "freeze", "inspect", "list", "show", "check", "config"}
    | {"search", "cache", "index", "wheel", "hash", "completion", "debug", "help", "lock"}
    | {"unzip", "zip", "bundle"}
)


class MistakeKind(Enum):
    """What is wrong with the command."""

    NO_COMMAND = "a package stands where pip wants a sub-command"
    MODULE_OPTION = "-m is an option of python, not of pip"
    COMMAND_AS_PACKAGE = "a sub-command is written twice, so pip looks for a package of that name"


class PipMistake(NamedTuple):
    """One such word, and the command it stands in."""

    kind: MistakeKind
    word: str
    location: Location
    execution: Execution


# The lowest Python of the first pip that takes no version but those of PEP 440: 24.1.
_STRICT_PIP = Version("3.8")


def is_refused(fault: RequirementFault) -> bool | None:
    """Whether the installer stops at the line; None when an old one may take it.

    Debian's and Ubuntu's pips take `>=1.7.*`; those of Python 3.7 and older are older still.
    """
    bad = fault.bad
    if bad is None or bad.unread or fault.execution.conditional or fault.execution.tolerated:
        return False
    if not bad.legacy or fault.installer is not Installer.PIP:
        return True
    old = isinstance(fault.python, Python) and fault.python.version < _STRICT_PIP
    return False if old else None


def pip_mistakes(stage: Stage) -> Iterator[PipMistake]:
    """The mistakes in the stage's own commands, in order."""
    for execution in stage.executions:
        pip = pip_arguments(execution)
        if pip is None or pip[0] is not Installer.PIP or not is_interpreter(execution.program):
            continue
        _, verb, arguments = pip
        path = execution.location.path
        if execution.program.startswith("pip") and execution.words[:1] == ("-m",):
            place = Location(path, execution.arguments[0].word.span)
            yield PipMistake(MistakeKind.MODULE_OPTION, "-m", place, execution)
            continue
        if verb not in _COMMANDS:
            argument = execution.arguments[len(execution.arguments) - len(arguments) - 1]
            if isinstance(argument.value, Unknown) or not verb[:1].isalpha():
                continue
            place = Location(path, argument.word.span)
            yield PipMistake(MistakeKind.NO_COMMAND, verb, place, execution)
        elif verb == "install":
            for argument in read_pip_arguments(arguments).requirements:
                if argument.value == "install":
                    place = Location(path, argument.word.span)
                    kind = MistakeKind.COMMAND_AS_PACKAGE
                    yield PipMistake(kind, "install", place, execution)
