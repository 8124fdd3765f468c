"""Executions of conda, mamba and micromamba in, environments and installs out."""

from collections.abc import Callable

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Located
from mllint.facts.commands.variables import Value
from mllint.facts.installs.conda_files import apply_environment_file
from mllint.facts.installs.conda_specs import add_spec, conda_draft
from mllint.facts.installs.install import Installer, opaque_install
from mllint.facts.installs.requirement_files import RequirementReader
from mllint.facts.stage_state import StageState
from mllint.parse.source import Location

_CONDA_VALUED = frozenset(
    {"-n", "--name", "-p", "--prefix", "-c", "--channel", "-f", "--file", "--solver", "-r"}
    | {"--root-prefix", "--platform", "--repodata-fn", "--experimental", "--freeze-installed"}
)


def apply_conda(
    execution: Execution,
    state: StageState,
    group: int,
    verb: str | None,
    reader: RequirementReader,
    locate: Callable[[str], Located | None],
) -> None:
    """`conda install`, `conda create`, `conda env create`, `micromamba install`."""
    words = execution.words
    options, specs = _conda_arguments(execution)
    channels = tuple(value for value in options.get("-c", []) if isinstance(value, str))
    files = options.get("-f", [])
    environment_file = verb == "env" and ("create" in words or "update" in words)
    if environment_file and not files:
        files = ["environment.yml"]
    if not environment_file and verb not in ("install", "create", "update"):
        return
    if environment_file or any(_is_yaml(file) for file in files):
        named = conda_draft(execution, state, options, created=True) if _is_named(options) else None
        for file in files:
            apply_environment_file(execution, state, group, file, named, reader, locate)
        return
    draft = conda_draft(execution, state, options, created=verb == "create")
    for file in files:
        reason = f"the conda file {file} is not read"
        draft.installs.append(
            opaque_install(execution, state.index, group, Installer.CONDA, reason)
        )
    for text, location in specs:
        add_spec(draft, execution, state.index, group, text, location, channels)


def _is_yaml(file: Value) -> bool:
    return isinstance(file, str) and file.endswith((".yml", ".yaml"))


def _is_named(options: dict[str, list[Value]]) -> bool:
    return "-n" in options or "-p" in options


def _conda_arguments(
    execution: Execution,
) -> tuple[dict[str, list[Value]], list[tuple[str, Location]]]:
    """Options by short name, and the package specs."""
    short = {"--name": "-n", "--prefix": "-p", "--channel": "-c", "--file": "-f"}
    options: dict[str, list[Value]] = {}
    specs: list[tuple[str, Location]] = []
    pending, seen_verb = "", 0
    verbs = 2 if execution.words[:1] == ("env",) or "env" in execution.words[:2] else 1
    for argument in execution.arguments:
        text = argument.text
        if pending:
            options.setdefault(short.get(pending, pending), []).append(argument.value)
            pending = ""
        elif text.startswith("-"):
            name, equals, value = text.partition("=")
            if equals:
                options.setdefault(short.get(name, name), []).append(value)
            elif text in _CONDA_VALUED:
                pending = text
            elif text[:2] in _CONDA_VALUED:  # -p/opt/x
                rest = text[2:] if isinstance(argument.value, str) else argument.value
                options.setdefault(text[:2], []).append(rest)
            else:
                options.setdefault(text, [])
        elif seen_verb < verbs:
            seen_verb += 1
        elif isinstance(argument.value, str):
            specs.append((text, Location(execution.location.path, argument.word.span)))
    return options, specs
