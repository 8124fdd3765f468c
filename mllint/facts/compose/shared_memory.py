"""A service in, how much shared memory its container has, and what in it needs much, out."""

import posixpath
import re
from collections.abc import Iterator

from mllint.facts.commands.entry import started_words
from mllint.facts.compose.data_folders import is_mounted
from mllint.facts.compose.model import Service
from mllint.facts.environments.environment import Held
from mllint.facts.project import Project
from mllint.named_tuple import NamedTuple
from mllint.parse.compose.short_forms import parse_size
from mllint.parse.source import Location
from mllint.regex import lazy

DEFAULT_BYTES = 64 * 1024**2
"""What a container gets by default (https://docs.docker.com/reference/cli/docker/container/run/)."""
_ENOUGH_BYTES = 1024**3
_LAUNCHERS = frozenset({"torchrun", "accelerate", "deepspeed", "colossalai", "composer"})
_MODULES = ("torch.distributed.run", "torch.distributed.launch", "accelerate.commands.launch")
_TRAINING = lazy(r"(?:.*[_.-])?(?:train|finetune|fine_tune|pretrain)(?:[_.-].*)?\.(?:py|sh)")
_NO_WORKERS = lazy(
    r"""
    --? (?:\w+[._-])* (?: num | dataloader | data | n )? [_-]? (?: num [_-] )? workers
    """,
    re.VERBOSE,
)
_PARALLEL = frozenset({"--tensor-parallel-size", "-tp", "--tp", "--tp-size", "--num-shard"})


class SharedMemory(NamedTuple):
    """The size of /dev/shm, and what sets it (None: Docker's default)."""

    size_bytes: int
    location: Location | None


class Demand(NamedTuple):
    """What needs much shared memory, in words for a message, and where it stands."""

    what: str
    location: Location


def small_shared_memory(service: Service) -> SharedMemory | None:
    """The shared memory of the container when it is known to be small; None otherwise."""
    if not service.complete or service.ipc not in (None, "private"):
        return None
    if is_mounted("/dev/shm", service):
        return None
    if service.shm_size is None:
        return SharedMemory(DEFAULT_BYTES, None)
    value, place = service.shm_size
    size = parse_size(value) if isinstance(value, str) else None
    return SharedMemory(size, place) if size is not None and size < _ENOUGH_BYTES else None


def demands(service: Service, project: Project | None) -> Iterator[Demand]:
    """What the service starts that exchanges data through shared memory.

    project: of the image, when it is built here; else only what implies torch by itself counts.
    """
    words, place = _started(service, project)
    if _without_workers(words):
        return
    names = [posixpath.basename(word) for word in words]
    for name in names:
        if name in _LAUNCHERS or name in _MODULES:
            yield Demand(f"{name} starts worker processes", place)
    shards = next((number for number in _shards(words)), 0)
    if shards > 1:
        yield Demand(f"{shards} processes share one model", place)
    if project is not None and _holds_torch(project):
        for name in names:
            if _TRAINING.fullmatch(name):
                yield Demand(f"{name} trains with torch", place)
        for request in service.gpus:
            if request.number is not None and request.number > 1:
                yield Demand(f"torch on {request.number} GPUs", request.location)


def _started(service: Service, project: Project | None) -> tuple[tuple[str, ...], Location]:
    """The words that the container starts with; its own command wins over the image's."""
    words: list[str] = []
    place = service.location
    for part in (service.entrypoint, service.command):
        if part is not None and not part.chosen:
            words += part.known
            place = part.location
    stage = project.target if project is not None else None
    if service.command is None and service.entrypoint is None and stage is not None:
        words += started_words(stage)
    # `bash -c "torchrun train.py"`: the words of the script are what is started.
    spread = (inner for word in words for inner in (word.split() if " " in word else (word,)))
    return tuple(spread), place


def _without_workers(words: tuple[str, ...]) -> bool:
    """`--num-workers 0`: the process that trains loads the data itself."""
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if _NO_WORKERS.fullmatch(name):
            return (value if equals else "".join(words[number + 1 : number + 2])) == "0"
    return False


def _shards(words: tuple[str, ...]) -> Iterator[int]:
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in _PARALLEL:
            text = value if equals else "".join(words[number + 1 : number + 2])
            if text.isdecimal():
                yield int(text)


def _holds_torch(project: Project) -> bool:
    stage = project.target
    if stage is None:
        return False
    return any(isinstance(env.effective("torch"), Held) for env in stage.environments)
