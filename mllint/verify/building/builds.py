"""A build request in, an image on the engine out, by the best builder that is at hand.

BuildKit through the docker command, else through the engine's own API, else the classic builder;
what a Dockerfile needs and no builder has is refused before anything starts.
"""

from collections.abc import Mapping
from enum import Enum

from mllint.named_tuple import NamedTuple
from mllint.verify.building.builder_needs import Need, buildkit_needs
from mllint.verify.building.classic_build import classic_build
from mllint.verify.building.context import read_context
from mllint.verify.building.docker_cli import DockerCli, cli_build, find_cli
from mllint.verify.building.events import BuilderMissing, BuildRequest, Listener
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.image_info import ImageInfo, read_image

_OLD_FRONTEND = (1, 2)
"""Built into engines before 23: knows no heredoc, no --link."""
_PODMAN_FRONTEND = (1, 2)
"""What Podman builds by itself: mounts, --chmod, the platform's arguments."""
_OLD_ENGINE_API = (1, 42)


class Kind(Enum):
    """How an image is built."""

    CLI = "BuildKit through the docker command"
    CLASSIC = "the classic builder"


class Builder(NamedTuple):
    """The builder that was chosen; `cli` for Kind.CLI."""

    kind: Kind
    cli: DockerCli | None = None


def choose_builder(engine: Engine, request: BuildRequest, environ: Mapping[str, str]) -> Builder:
    """The builder for the request; raises BuilderMissing, which names the instruction."""
    needs = buildkit_needs(request.dockerfile)
    cli = find_cli(environ) if engine.info.buildkit else None
    if cli is not None and cli.buildkit:
        _refuse_new_syntax(engine, request, needs)
        if request.builder is not None and not cli.buildx:
            raise BuilderMissing("--builder needs docker buildx", "install docker-buildx")
        return Builder(Kind.CLI, cli)
    if engine.info.kind == "podman":
        needs = tuple(need for need in needs if need.frontend > _PODMAN_FRONTEND)
    wanted = [f"line {needs[0].span.line}: {needs[0].feature}"] if needs else []
    wanted += ["--secret"] * bool(request.secrets) + ["--builder"] * bool(request.builder)
    if wanted:
        raise BuilderMissing(f"{wanted[0]} needs BuildKit, and {_lack(engine, cli)}", _cure(engine))
    return Builder(Kind.CLASSIC)


def build(engine: Engine, request: BuildRequest, builder: Builder, listener: Listener) -> ImageInfo:
    """The image that was built; raises EngineError, of a failed step BuildFailed."""
    if builder.kind is Kind.CLI and builder.cli is not None:
        cli_build(builder.cli, engine.endpoint, request, listener)
    else:
        context = read_context(request.context, request.path, request.text)
        classic_build(engine, context, request, listener)
    return read_image(engine, request.tag)


def _refuse_new_syntax(engine: Engine, request: BuildRequest, needs: tuple[Need, ...]) -> None:
    """Raise for what the frontend built into an old engine does not read."""
    if request.dockerfile.syntax is not None or request.builder is not None:
        return
    if engine.info.api_version >= _OLD_ENGINE_API:
        return
    new = next((need for need in needs if need.frontend > _OLD_FRONTEND), None)
    if new is not None:
        raise BuilderMissing(
            f"line {new.span.line}: {new.feature} is newer than the engine"
            f" ({engine.info.version}) reads by itself",
            "write # syntax=docker/dockerfile:1 as the first line of the Dockerfile",
        )


def _lack(engine: Engine, cli: DockerCli | None) -> str:
    if engine.info.kind == "podman":
        return f"{engine.endpoint.url} is Podman"
    if not engine.info.buildkit:
        return f"the engine ({engine.info.version}) has none"
    if cli is None:
        return "there is no docker command on the PATH to build with"
    return f"{cli.path} ({cli.version}) has no buildx"


def _cure(engine: Engine) -> str:
    if engine.info.kind == "podman":
        return "name a Docker engine: --host unix:///var/run/docker.sock"
    return "install docker-buildx, or docker-buildx-plugin where the packages are Docker's own"
