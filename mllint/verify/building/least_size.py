"""The plan of a Dockerfile and the engine's free disk in, a refusal of what cannot fit out.

What is not known counts nothing: the sum is the least that the image takes, so that a refusal is
right. Base images count nothing: one that is there takes nothing more, of the others no size is
known.
"""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.wheels.wheel_variant import WheelVariant, torch_build
from mllint.named_tuple import NamedTuple
from mllint.report.size import size_text
from mllint.tables import Tables
from mllint.verify.building.context import read_context
from mllint.verify.building.events import BuildRequest
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import DiskFull, EngineError

_PLATFORM = "linux/amd64"
"""That of the table."""
_CUBLAS = ("nvidia-cublas-cu11", "nvidia-cublas-cu12", "nvidia-cublas")
_MB = 1_000_000


class Part(NamedTuple):
    """Something that the image will hold, and the bytes that it takes at least."""

    what: str
    size_bytes: int


def refuse_full_disk(
    engine: Engine, request: BuildRequest, project: Project, tables: Tables
) -> None:
    """Raise DiskFull where not even the build context fits, or what is known of the image."""
    free = engine.info.free_bytes() if engine.endpoint.socket is not None else None
    if free is None:  # its disk is that of another machine
        return
    size = read_context(request.context, request.path, request.text).size_bytes()
    left = f"and the engine has {size_text(free)} left"
    if size > free:
        raise DiskFull(
            f"the build context {request.context} is {size_text(size)}, {left}",
            "list what the build does not need in .dockerignore, or run docker system prune",
        )
    parts = sorted(least_parts(project, tables), key=lambda part: -part.size_bytes)
    total = sum(part.size_bytes for part in parts)
    if total > free and (request.no_cache or total > free + _held_bytes(engine)):
        told = ", ".join(f"{size_text(part.size_bytes)} of {part.what}" for part in parts)
        raise DiskFull(
            f"the image takes at least {size_text(total)} ({told}), {left}",
            "run docker system prune, or install a build of torch without CUDA",
        )


def least_parts(project: Project, tables: Tables) -> list[Part]:
    """What is known of the stage that ships; each environment has packages of its own."""
    stage = project.target
    if stage is None or project.options.platform != _PLATFORM:
        return []
    return [part for each in stage.environments for part in _torch(project, stage, each, tables)]


def _torch(
    project: Project, stage: Stage, environment: Environment, tables: Tables
) -> Iterator[Part]:
    held = environment.effective("torch")
    if isinstance(held, Held) and held.install is None:
        return  # of the base image
    root = project.root(stage).location
    build = torch_build(environment, stage.base, root, tables)
    if not isinstance(build, WheelVariant) or not isinstance(build.version, Version):
        return
    row = tables.package_sizes.size(build.package, build.version, build.variant)
    if row is None:
        return
    name = f"torch {build.version.public}"
    yield Part(name, row.own_mb * _MB)
    alone = isinstance(held, Held) and held.install is not None and held.install.options.no_deps
    if not alone or any(_installs(environment, each) for each in _CUBLAS):
        yield Part(f"libraries that {name} requires", row.required_mb * _MB)


def _installs(environment: Environment, name: str) -> bool:
    """Whether it comes by name, as from a lock, which lists all that is required."""
    held = environment.effective(name)
    return isinstance(held, Held) and held.install is not None


def _held_bytes(engine: Engine) -> float:
    """What lies in the engine's cache at most; a step that was built before takes nothing more.

    Layers that images share are counted again and again: too much is on the safe side.
    """
    try:
        images = engine.read("listing images", "GET", "/images/json", params={"all": "1"})
        usage = engine.read("asking for its disk usage", "GET", "/system/df")
    except EngineError:
        return float("inf")
    records = [*images, *(usage.get("BuildCache") or ())]
    return sum(int(each.get("Size") or 0) for each in records)
