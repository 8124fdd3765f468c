"""A stage in, the places where it leaves a credential for whoever has the image out.

Tells where and what kind, never the value.
"""

import posixpath
from bisect import bisect_right
from collections.abc import Iterator
from enum import Enum
from itertools import islice

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.filesystem import Context
from mllint.facts.commands.mounts import secret_mounts
from mllint.facts.commands.variables import expand_docker
from mllint.facts.environments.programs import is_interpreter
from mllint.facts.reading.build import env_pairs
from mllint.facts.secrets.files import secret_files
from mllint.facts.secrets.values import (
    address_with_password,
    authorizes,
    holds_token,
    is_credential,
    is_exposed,
    is_secret_name,
)
from mllint.facts.stage import Stage, Variable
from mllint.named_tuple import NamedTuple
from mllint.parse.shell import SHELLS, Parameter, Word
from mllint.parse.source import Location, Span

# Programs that read HF_TOKEN and its like from the environment without naming it.
_READERS = SHELLS | {"hf", "huggingface-cli", "wandb", "kaggle", "ngc", "aws"}


class ExposureKind(Enum):
    """How a credential gets into the image."""

    VALUE = "written as the value of an ENV or ARG"
    STORED = "an ENV takes it from a build argument"
    ARGUMENT = "a build argument"
    LOGIN = "a login command writes it to a file"
    ADDRESS = "part of an address"
    TOKEN = "written in a command"
    FILE = "a file of the build context"


class Exposure(NamedTuple):
    """One credential that stays.

    what: the variable, command, host or file, never the value. certain: False where it may be
    none (a password such as `notebook`, a `.env`). hidden: where the value stands in the file, so
    that no output prints it. use: the command that takes a build argument.
    """

    kind: ExposureKind
    what: str
    location: Location
    certain: bool = True
    hidden: tuple[Location, ...] = ()
    use: Location | None = None


def exposures(stage: Stage, path: str, context: Context | None) -> Iterator[Exposure]:
    """What the stage's own instructions expose; `path` is that of the Dockerfile."""
    arguments: dict[str, Variable] = {}
    for variable in stage.variables:
        if variable.keyword == "ARG" and is_secret_name(variable.name):
            arguments.setdefault(variable.name, variable)
    stored = list(_environment(stage, path, arguments))
    taken = {item.what: item for item in _arguments(stage, arguments)}
    for item in stored:
        yield _with_use(item, taken.pop(item.what, None))
    yield from taken.values()
    for run in stage.runs:
        for done in run.executions:
            yield from _login(run.executions, done)
            yield from _written(done, path)
    for file in secret_files(stage.copies, context):
        yield Exposure(ExposureKind.FILE, file.name, file.location, file.certain)


def _with_use(exposure: Exposure, taken: Exposure | None) -> Exposure:
    """A written value that a RUN takes is no less than a build argument without one."""
    if exposure.kind is not ExposureKind.VALUE or taken is None or not taken.certain:
        return exposure
    return exposure._replace(certain=True, use=taken.use)


def _value_of(place: Location, name: str) -> Location:
    """Where in `NAME=value` the value stands."""
    span = place.span
    return Location(
        place.path, Span(span.line, span.column + len(name) + 1, span.end_line, span.end_column)
    )


def _environment(stage: Stage, path: str, arguments: dict[str, Variable]) -> Iterator[Exposure]:
    for instruction in stage.instructions:
        if instruction.keyword not in ("ENV", "ARG"):
            continue
        for name, text, place in env_pairs(instruction, path):
            value = text.strip("\"'")
            hidden = (_value_of(place, name),)
            host = address_with_password(value)
            if host is not None:
                yield Exposure(ExposureKind.ADDRESS, host, place, hidden=hidden)
            elif "$" in text:
                taken = _names(text) & arguments.keys()
                if taken and instruction.keyword == "ENV":
                    yield Exposure(ExposureKind.STORED, min(taken), place)
            elif is_exposed(name, value):
                yield Exposure(ExposureKind.VALUE, name, place, is_credential(value), hidden=hidden)


def _names(text: str) -> set[str]:
    """The variables that a word of a Docker instruction names."""
    names: set[str] = set()

    def look(name: str) -> str:
        names.add(name)
        return ""

    expand_docker(text, look)
    return names


def _arguments(stage: Stage, arguments: dict[str, Variable]) -> Iterator[Exposure]:
    """Build arguments that a RUN uses: the image's history keeps their values."""
    if not arguments:
        return
    takers, readers = _uses(stage, arguments)
    starts = [reader.start for reader in readers]
    for name, variable in arguments.items():
        place = variable.location
        if name in takers:
            yield Exposure(ExposureKind.ARGUMENT, name, place, use=takers[name])
            continue
        for reader in islice(readers, bisect_right(starts, place.span), None):
            if name not in reader.own:
                yield Exposure(ExposureKind.ARGUMENT, name, place, False, use=reader.location)
                break


class _Reader(NamedTuple):
    """The first command of a RUN that may read any variable; own: those that the RUN sets."""

    start: Span
    own: set[str]
    location: Location


def _is_reader(execution: Execution) -> bool:
    return execution.program in _READERS or is_interpreter(execution.program)


def _uses(
    stage: Stage, arguments: dict[str, Variable]
) -> tuple[dict[str, Location], list[_Reader]]:
    """The first command that names each argument, and those that may read one without."""
    takers: dict[str, Location] = {}
    readers: list[_Reader] = []
    for run in stage.runs:
        if any(_reads_secret(done) for done in run.executions):
            continue
        own = {name for done in run.executions for name, _ in done.command.assignments}
        start, read = run.location.span, False
        for done in run.executions:
            for name in (_parameters(done) & arguments.keys()) - own - takers.keys():
                if start > arguments[name].location.span:
                    takers[name] = done.location
            if not read and _is_reader(done) and not any(secret_mounts(done.instruction)):
                readers.append(_Reader(start, own, done.location))
                read = True
    return takers, readers


def _reads_secret(run: Execution) -> bool:
    """`TOKEN=$(cat /run/secrets/token)`: the value is the mount's, not the argument's."""
    return any("/run/secrets/" in word for word in run.words)


def _parameters(run: Execution) -> set[str]:
    words: tuple[Word, ...] = (*run.command.argv, *(word for _, word in run.command.assignments))
    return {part.name for word in words for part in word.parts if isinstance(part, Parameter)}


def _login(script: tuple[Execution, ...], run: Execution) -> Iterator[Exposure]:
    """`huggingface-cli login`, `wandb login KEY`: the token lands in a file of the layer."""
    words = [word for word in run.words if not word.startswith("-")]
    given = any(word.startswith(("--token", "--key")) for word in run.words)
    if run.program == "huggingface-cli" and words[:1] == ["login"] and given:
        name, file = "huggingface-cli login", "/root/.cache/huggingface/token"
    elif run.program == "hf" and words[:2] == ["auth", "login"] and given:
        name, file = "hf auth login", "/root/.cache/huggingface/token"
    elif run.program == "wandb" and words[:1] == ["login"] and len(words) > 1:
        name, file = "wandb login", "/root/.netrc"
    else:
        return
    for flag in run.instruction.flags:
        options = dict(part.partition("=")[::2] for part in (flag.value or "").split(","))
        target = options.get("target") or options.get("dst") or options.get("destination") or ""
        if options.get("type") in ("cache", "tmpfs") and target and file.startswith(target):
            return
    for done in script:
        if done.location.span > run.location.span:
            cleans = done.program == "rm" and any(
                posixpath.basename(word.rstrip("/*")) in file.split("/")[2:] for word in done.words
            )
            if cleans or "logout" in done.words:
                return
    yield Exposure(ExposureKind.LOGIN, name, run.location)


def _written(run: Execution, path: str) -> Iterator[Exposure]:
    """Credentials that stand in the words of a command."""
    for word in (*run.command.argv, *(value for _, value in run.command.assignments)):
        text = word.literal
        if text is None:
            continue
        place = Location(path, word.span)
        host = address_with_password(text)
        if host is not None:
            yield Exposure(ExposureKind.ADDRESS, host, place, hidden=(place,))
        elif holds_token(text) or authorizes(text):
            yield Exposure(ExposureKind.TOKEN, run.program, place, hidden=(place,))
