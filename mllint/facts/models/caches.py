"""A stage in; the caches of models that its user does not find or cannot write, out."""

from collections.abc import Iterator
from enum import Enum

from mllint.facts.models.fetches import model_fetches
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Instruction
from mllint.parse.source import Location

# What moves the cache away from the home of the user.
_CACHES = ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE")
_ALL_CACHES = (*_CACHES, "XDG_CACHE_HOME", "TORCH_HOME")
_DOWNLOADERS = (
    *("transformers", "sentence-transformers", "faster-whisper", "huggingface-hub", "diffusers"),
    *("datasets", "openai-whisper", "vllm"),
)
_ROOT = ("root", "0")
_ADDS_USER = frozenset({"useradd", "adduser", "usermod", "addgroup", "groupadd"})


class CacheFault(Enum):
    """Why the cache is of no use to the user that runs the container."""

    OTHER_HOME = "what root fetched lies in root's home"
    ROOT_FOLDER = "the folder is root's"
    NO_HOME = "the user has no home"
    DEPRECATED = "the variable is on its way out"


class LostCache(NamedTuple):
    """A cache that is not found or cannot be written; what: the model, the variable or package."""

    fault: CacheFault
    what: str
    user: str
    location: Location


def lost_caches(project: Project, stage: Stage) -> Iterator[LostCache]:
    """The caches of the stage that its user does not find or cannot write."""
    yield from _deprecated(project, stage)
    user = stage.user
    if isinstance(user, Unknown) or user in _ROOT or not user:
        return
    for name in _ALL_CACHES:
        variable = project.deciding(stage, name)
        value = variable.value if variable is not None else None
        if variable is not None and isinstance(value, str) and f"{value}/".startswith("/root/"):
            yield LostCache(CacheFault.ROOT_FOLDER, name, user, variable.location)
    if any(name in stage.env for name in (*_ALL_CACHES, "HOME")):
        return
    fetched = _fetched_by_root(project, stage)
    if fetched is not None:
        what, location = fetched
        yield LostCache(CacheFault.OTHER_HOME, what, user, location)
    elif user.isdigit() and _has_no_account(project, stage):
        for environment in stage.environments:
            for install in environment.of(*_DOWNLOADERS):
                place = _user_place(project, stage)
                yield LostCache(CacheFault.NO_HOME, str(install.name), user, place)
                return


def _deprecated(project: Project, stage: Stage) -> Iterator[LostCache]:
    variable = project.deciding(stage, "TRANSFORMERS_CACHE")
    if variable is not None and "HF_HOME" not in stage.env and "HF_HUB_CACHE" not in stage.env:
        yield LostCache(CacheFault.DEPRECATED, "TRANSFORMERS_CACHE", "", variable.location)


def _fetched_by_root(project: Project, stage: Stage) -> tuple[str, Location] | None:
    for ancestor in project.lineage(stage):
        for fetch in model_fetches(project, ancestor):
            run = fetch.execution
            if run is None or not fetch.cached or run.conditional:
                continue
            if _user_at(project, ancestor, run.instruction) not in _ROOT:
                continue
            if all(run.lookup(name) is None for name in _ALL_CACHES) and not _moved(stage):
                return fetch.what, fetch.location
    return None


def _user_at(project: Project, stage: Stage, instruction: Instruction) -> str | Unknown:
    """The user of a RUN of the stage, as written: by the last USER above it."""
    above = [each for each in stage.instructions if each.span.line < instruction.span.line]
    users = [each.text.partition(":")[0] for each in above if each.keyword == "USER"]
    if users:
        return users[-1]
    parent = project.stages[stage.parent] if stage.parent is not None else None
    if parent is not None:
        return parent.user
    return stage.base.user


def _moved(stage: Stage) -> bool:
    """Whether something is done with root's cache later: moved, copied, or opened to others."""
    return any(
        execution.program in ("mv", "cp", "chmod", "chown", "ln", "rsync")
        and any("/root" in word or ".cache" in word for word in execution.words)
        for execution in stage.executions
    )


def _has_no_account(project: Project, stage: Stage) -> bool:
    """Whether nothing makes an account for the number; Debian and the python images have none."""
    if stage.base.reference.name not in ("python", "debian"):
        return False
    for ancestor in project.lineage(stage):
        for execution in ancestor.executions:
            passwd = any("/etc/passwd" in word for word in execution.words)
            redirected = any(
                "passwd" in (redirect.target.literal or "passwd")
                for redirect in execution.command.redirects
            )
            if execution.program in _ADDS_USER or passwd or redirected:
                return False
            if execution.program.endswith(".sh") or execution.program == "":
                return False
    return not any(copy.destination in ("/etc/passwd", "/etc/") for copy in stage.copies)


def _user_place(project: Project, stage: Stage) -> Location:
    for ancestor in project.lineage(stage):
        for instruction in reversed(ancestor.instructions):
            if instruction.keyword == "USER":
                return project.at(instruction)
    return stage.location
