"""A stage and the configuration of the image in: user, folder, variables, start command, out."""

from collections.abc import Iterator

from mllint.facts.environments.interpreters import UNKNOWN_PATH
from mllint.facts.project import Project
from mllint.facts.secrets.values import is_exposed
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.parse.dockerfile import Instruction
from mllint.parse.source import Location
from mllint.verify.comparing.comparison import Measured, Pair, equal, judged
from mllint.verify.engines.image_info import ImageInfo

HIDDEN = "(a credential)"
_ROOT = frozenset({"", "0", "root"})


def config_pairs(project: Project, stage: Stage, image: ImageInfo) -> Iterator[Pair]:
    """What the instructions of the stage set, against what the engine says of the image."""
    user = image.user.partition(":")[0]
    predicted = "root" if stage.user in _ROOT else stage.user
    place = _last(project, stage, "USER")
    yield equal("user", predicted, Measured("root" if user in _ROOT else user), place)
    folder = image.workdir or "/"
    workdir = stage.workdir
    if isinstance(workdir, str):
        workdir = workdir.rstrip("/") or "/"
    place = _last(project, stage, "WORKDIR")
    yield equal("workdir", workdir, Measured(folder.rstrip("/") or "/"), place)
    yield from _variables(project, stage, image)
    yield from _entries(project, stage, image)


def _last(project: Project, stage: Stage, keyword: str) -> Location:
    """The last instruction of that keyword in the stage or those it is FROM, else its FROM."""
    for above in project.lineage(stage):
        for instruction in reversed(above.instructions):
            if instruction.keyword == keyword:
                return project.at(instruction)
    return project.root(stage).location


def _variables(project: Project, stage: Stage, image: ImageInfo) -> Iterator[Pair]:
    for name, value in stage.env.items():
        decided = project.deciding(stage, name)
        place = decided.location if decided is not None else project.root(stage).location
        measured = Measured(image.environment.get(name))
        if isinstance(value, str) and UNKNOWN_PATH in value:
            yield _with_hole(name, value, measured, place)
            continue
        pair = equal(f"variable {name}", value, measured, place)
        if any(isinstance(t, str) and is_exposed(name, t) for t in (value, measured.value)):
            hidden = HIDDEN if pair.predicted is not None else None
            pair = pair._replace(predicted=hidden, measured=HIDDEN if pair.measured else None)
        yield pair


def _with_hole(name: str, value: str, measured: Measured, place: Location) -> Pair:
    """`/opt/bin:$PATH`, where the base image's own part is not known."""
    before, _, after = value.partition(UNKNOWN_PATH)
    found = measured.value or ""
    holds = (
        found.startswith(before)
        and found.endswith(after)
        and len(found) >= len(before) + len(after)
        and UNKNOWN_PATH not in after
    )
    shown = value.replace(UNKNOWN_PATH, "(base image)")
    return judged(f"variable {name}", shown, measured, holds, place)


def _entries(project: Project, stage: Stage, image: ImageInfo) -> Iterator[Pair]:
    found = {"ENTRYPOINT": image.entrypoint, "CMD": image.command}
    for entry in stage.entry:
        if entry.keyword not in found:
            continue
        words = found[entry.keyword]
        predicted = _words(entry, stage)
        measured = Measured(_shown(words) if words is not None else None)
        same = isinstance(predicted, tuple) and _plain(predicted) == _plain(words or ())
        shown = _shown(predicted) if isinstance(predicted, tuple) else predicted
        yield judged(entry.keyword, shown, measured, same, project.at(entry))


def _words(entry: Instruction, stage: Stage) -> tuple[str, ...] | Unknown:
    if entry.exec_form is not None:
        return entry.exec_form
    if entry.heredocs:
        return Unknown("the command stands in a heredoc")
    return (*stage.shell, entry.text)


def _plain(words: tuple[str, ...]) -> list[str]:
    """The words, blanks made one: a continued line of the Dockerfile comes out with fewer."""
    return [" ".join(word.split()) for word in words]


def _shown(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
