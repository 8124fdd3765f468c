"""A project in, the conda commands that stop because nobody accepted Anaconda's terms, out."""

from collections.abc import Iterator, Sequence

from mllint.facts.commands.executions import Execution
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.finding import Related
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

_INSTALLER = ("Miniconda3-latest", "Miniconda2-latest")
_ACCEPTING = ("anaconda_tos", "conda-anaconda-tos", "condarc", "--override-channels")
_VARIABLES = ("CONDA_PLUGINS_AUTO_ACCEPT_TOS", "CONDARC", "CONDA_CHANNELS", "CI")
_VERBS = frozenset({"install", "create", "update", "upgrade"})
_OWN = frozenset({"defaults", "main", "r", "anaconda"})


class UnacceptedTerms(NamedTuple):
    """The first conda command of a stage that asks Anaconda's channels.

    location: what asks. source: where the conda that asks for the terms comes from.
    """

    stage: Stage
    execution: Execution
    location: Location
    source: Related


def unaccepted_terms(project: Project) -> Iterator[UnacceptedTerms]:
    """One for each judged stage of which it is certain that nothing accepts the terms before."""
    for stage in project.judged:
        source = _source(project, stage)
        if source is None or any(stage.env.get(name) for name in _VARIABLES):
            continue
        ancestors = tuple(project.lineage(stage))[::-1]
        if any(_may_accept(execution) for each in ancestors for execution in each.executions):
            continue
        if any(_brings_settings(each) for each in ancestors):
            continue
        installs = _by_command(stage)
        for execution in stage.executions:
            if _asks(execution, installs.get(execution.location, ())):
                yield UnacceptedTerms(stage, execution, execution.location, source)
                break


def _source(project: Project, stage: Stage) -> Related | None:
    """The download of the newest installer, which brings a conda of today."""
    for each in project.lineage(stage):
        for execution in each.executions:
            if any(name in word for word in execution.words for name in _INSTALLER):
                return Related(execution.location, "the newest Miniconda is installed")
        for instruction in each.instructions:
            if instruction.keyword == "ADD" and any(
                name in word.text for word in instruction.words() for name in _INSTALLER
            ):
                return Related(project.at(instruction), "the newest Miniconda is installed")
    return None


def _may_accept(execution: Execution) -> bool:
    """Whether a command accepts the terms, changes the channels, or may do so unseen."""
    if execution.program in ("conda", "mamba") and execution.words[:1] == ("config",):
        return True
    targets = (redirect.target.text for redirect in execution.command.redirects)
    words = (execution.program, *execution.words, *targets)
    return "tos" in words or any(mark in word for word in words for mark in _ACCEPTING)


def _brings_settings(stage: Stage) -> bool:
    return any(
        isinstance(name, str) and name.endswith("condarc")
        for copy in stage.copies
        for name in (*copy.sources, copy.destination)
    )


def _by_command(stage: Stage) -> dict[Location, list[Install]]:
    found: dict[Location, list[Install]] = {}
    for environment in stage.environments:
        for install in environment.installs:
            if install.installer is Installer.CONDA and install.stage == stage.index:
                found.setdefault(install.command, []).append(install)
    return found


def _asks(execution: Execution, installs: Sequence[Install]) -> bool:
    """Whether it certainly asks a channel of Anaconda: `defaults` stands behind each `-c`.

    An environment file names all of its channels; one that was not read may name any.
    """
    words = execution.words
    if execution.program != "conda" or execution.conditional or execution.tolerated:
        return False
    if "--offline" in words or "--dry-run" in words or "--clone" in words or "--use-local" in words:
        return False
    if "env" in words[:2] or any(word.endswith((".yml", ".yaml", ".lock")) for word in words):
        named = [install.channels for install in installs if install.opaque is None]
        return any(not channels or _OWN & set(channels) for channels in named) and not any(
            "nodefaults" in channels for channels in named
        )
    return bool(words) and words[0] in _VERBS and "nodefaults" not in words
