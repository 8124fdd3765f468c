"""A stage in, the commands of its RUNs that ask for a GPU, out: a build has none."""

from collections.abc import Iterator

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.python_code import python_code
from mllint.facts.cuda.device_code import device_call
from mllint.facts.environments.programs import is_interpreter
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.shell import Guard

_PROGRAMS = frozenset({"nvidia-smi", "deviceQuery", "gpustat", "nvtop", "dcgmi"})
# Where the failure of a command does not reach the RUN.
_LOST = frozenset({Guard.PIPED, Guard.SUBSTITUTION, Guard.BACKGROUND, Guard.NEGATED})


class GpuProbe(NamedTuple):
    """A command that needs a GPU or its driver.

    what: the program or the call, for a message. fails: its failure certainly stops the build.
    """

    execution: Execution
    what: str
    is_program: bool
    fails: bool


def gpu_probes(stage: Stage) -> Iterator[GpuProbe]:
    """The commands of this stage's own RUNs that certainly run and find no GPU."""
    for run in stage.runs:
        stops = "-e" in stage.shell or any(flag.startswith("-e") for flag in stage.shell[1:])
        for position, execution in enumerate(run.executions):
            if execution.program == "set":
                stops = stops or any(w[:1] == "-" and "e" in w for w in execution.words)
            if execution.instruction.flag("device") is not None:
                break
            if execution.conditional or execution.tolerated:
                continue
            what = _asks_for_gpu(execution)
            if what is not None:
                following = run.executions[position + 1 : position + 2]
                lost = _is_lost(execution, following[0] if following else None, stops=stops)
                program = what == execution.program
                yield GpuProbe(execution, what, program, not lost)


def _asks_for_gpu(execution: Execution) -> str | None:
    if execution.program in _PROGRAMS:
        return None if _is_lookup(execution) else execution.program
    if is_interpreter(execution.program):
        code = python_code(execution)
        return device_call(code) if code is not None else None
    return None


def _is_lookup(execution: Execution) -> bool:
    """`command -v nvidia-smi` asks where it is, and runs nothing."""
    words = [word.literal for word in execution.command.argv[:3]]
    return "command" in execution.wrapped and ("-v" in words or "-V" in words)


def _is_lost(execution: Execution, following: Execution | None, *, stops: bool) -> bool:
    """Whether the build goes on after the command has failed."""
    if execution.command.guards & _LOST:
        return True
    return following is not None and following.command.connector == ";" and not stops
