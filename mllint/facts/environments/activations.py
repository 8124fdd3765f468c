"""A stage in, its activations of an environment that fail or end with their RUN, out."""

from collections.abc import Iterator
from enum import Enum

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.exit_status import failure_counts
from mllint.facts.environments.programs import is_interpreter
from mllint.facts.images.base_image import Distro
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.stage_state import Run
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple

_CONDA = frozenset({"conda", "mamba", "micromamba"})
# What may bring conda's shell function: a file, the output of a command, a shell that reads one.
_DEFINES = frozenset({"source", ".", "eval", "bash", "sh", "zsh", "su", "ssh", "exec", "alias"})
_IDLE = frozenset({"echo", "true", ":", "cd", "which", "rm", "set"})


class ActivationFault(Enum):
    """What becomes of an activation."""

    NO_SOURCE = "dash has no `source`"
    NO_FUNCTION = "nothing in this shell defines the function that `conda activate` is"
    LOST = "it ends with its RUN"


class Activation(NamedTuple):
    """An activation without effect, and (when lost) the later command that would need it."""

    fault: ActivationFault
    execution: Execution
    user: Execution | None


def faulty_activations(project: Project, stage: Stage) -> Iterator[Activation]:
    """Each activation of the stage that certainly fails, or is lost on a later command."""
    dash = _runs_dash(project, stage)
    for position, run in enumerate(stage.runs):
        source = _unknown_source(run) if dash else None
        if source is not None:
            yield Activation(ActivationFault.NO_SOURCE, source, None)
            continue
        bare = _undefined_activate(run, stage)
        if bare is not None:
            yield Activation(ActivationFault.NO_FUNCTION, bare, None)
            continue
        last = _closing_activation(run)
        if last is not None:
            user = _later_user(stage.runs[position + 1 :])
            if user is not None and not _stays_on_path(user, last):
                yield Activation(ActivationFault.LOST, last, user)


def _runs_dash(project: Project, stage: Stage) -> bool:
    """Whether /bin/sh of the stage is certainly that of Debian and Ubuntu."""
    distro = stage.base.distro
    if not isinstance(distro, Distro) or distro.name not in ("debian", "ubuntu"):
        return False
    if "micromamba" in stage.base.reference.name:  # its image sets another SHELL
        return False
    lineage = project.lineage(stage)
    return not any(_changes_sh(done) for above in lineage for done in above.executions)


def _unknown_source(run: Run) -> Execution | None:
    """The `source` of a RUN that dash does not know, and that fails it."""
    if run.shell != ("/bin/sh", "-c"):
        return None
    counts = failure_counts(run)
    for execution in run.executions:
        if execution.program in ("bash", "zsh", "su", "ssh") or execution.command.scope:
            return None
        if execution.called == "source" and counts(execution):
            return execution
    return None


def _undefined_activate(run: Run, stage: Stage) -> Execution | None:
    """The `conda activate` of a RUN that fails it: the shell never got conda's function.

    No file of the user is read by `sh -c` and `bash -c`; `conda init` only writes such a file.
    """
    if isinstance(stage.base.user, Unknown) or "micromamba" in stage.base.reference.name:
        return None  # some images set another SHELL
    program = run.shell[:1]
    reads_files = any(word.startswith("-") and set(word) & {"l", "i"} for word in run.shell)
    if program not in (("/bin/sh",), ("/bin/bash",), ("bash",)) or reads_files:
        return None
    counts = failure_counts(run)
    for execution in run.executions:
        if execution.command.scope or execution.wrapped or not execution.program:
            return None
        told_a_file = program != ("/bin/sh",) and execution.lookup("BASH_ENV") is not None
        if execution.program in _DEFINES or told_a_file:
            return None
        if execution.program == "conda" and execution.words[:1] == ("activate",):
            return execution if counts(execution) else None
    return None


def _changes_sh(execution: Execution) -> bool:
    """`ln -sf /bin/bash /bin/sh`, `dpkg-reconfigure dash`, `rm /bin/sh`."""
    return any(word in ("/bin/sh", "/usr/bin/sh", "dash", "sh") for word in execution.words)


def _closing_activation(run: Run) -> Execution | None:
    """The activation with which a RUN ends, so that nothing makes use of it."""
    for execution in reversed(run.executions):
        if _activates(execution):
            return execution if not execution.conditional else None
        if execution.program not in _IDLE:
            return None
    return None


def _activates(execution: Execution) -> bool:
    words = execution.words
    if execution.program in ("source", "."):
        return bool(words) and words[0].endswith("/bin/activate")
    named = execution.program in _CONDA and words[:1] == ("activate",)
    return named and words[1:2] not in ((), ("base",), ("root",))


def _later_user(runs: tuple[Run, ...]) -> Execution | None:
    """The first later command that calls a bare pip or python outside of any environment."""
    for run in runs:
        for execution in run.executions:
            program = execution.program
            if _activates(execution) or execution.activated is not None or execution.wrapped:
                return None
            if is_interpreter(program) and execution.called == program:
                return execution
    return None


def _stays_on_path(user: Execution, activation: Execution) -> bool:
    """Whether PATH has the folder of the environment where the later command runs."""
    path = user.lookup("PATH")
    if isinstance(path, Unknown) or path is None or "\0" in path:
        return path is not None
    words = activation.words
    if activation.program in _CONDA:
        return f"/envs/{words[1]}/bin" in path or f"{words[1]}/bin" in path
    place = activation.resolve(words[0])
    if isinstance(place, Unknown):
        return True
    return place.removesuffix("/activate") in path.split(":")
