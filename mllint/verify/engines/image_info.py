"""An engine and the name of an image in, what the engine knows of the image out."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.report.visible import visible
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import ImageMissing, Refused

# Docker's, and Podman's 404 of its own for a short name.
_ABSENT = lazy(r"no such|not known|manifest unknown", 2)  # 2: re.IGNORECASE


class ImageInfo(NamedTuple):
    """An image and its configuration; `None` for an entrypoint or command that it does not set.

    id: `sha256:…`. size_bytes: all layers, unpacked. stop_signal: "" for the default.
    """

    id: str
    names: tuple[str, ...]
    platform: str
    size_bytes: int
    environment: Mapping[str, str]
    entrypoint: tuple[str, ...] | None
    command: tuple[str, ...] | None
    user: str
    workdir: str
    stop_signal: str
    labels: Mapping[str, str]
    volumes: tuple[str, ...]
    ports: tuple[str, ...]
    has_healthcheck: bool


class Layer(NamedTuple):
    """One step of an image's history, the oldest first; `created_by` is the engine's own text."""

    created_by: str
    size_bytes: int
    comment: str


def read_image(engine: Engine, name: str) -> ImageInfo:
    """What the engine knows of an image; raises ImageMissing."""
    if not {"", ".", ".."}.isdisjoint(name.split("/")):  # `a/../b` would ask for the image b
        raise ImageMissing(f"invalid reference format: {visible(name)}")
    try:
        data = engine.read(f"looking for the image {name}", "GET", f"{_path(name)}/json")
    except (ImageMissing, Refused) as error:
        if _ABSENT.search(error.message):
            message = f"{name}: the engine has no image of that name"
            raise ImageMissing(message, f"docker pull {name}") from error
        if "invalid reference format" in error.message:  # Dockerfil: a capital
            message = f"{name}: is neither a file nor the name of an image"
            raise ImageMissing(message) from error
        raise
    config: Mapping[str, Any] = data.get("Config") or {}
    pairs = (entry.partition("=") for entry in config.get("Env") or ())
    variant = f"/{data['Variant']}" if data.get("Variant") else ""
    return ImageInfo(
        str(data["Id"]),
        tuple(data.get("RepoTags") or ()),
        f"{data.get('Os', '')}/{data.get('Architecture', '')}{variant}",
        int(data.get("Size") or 0),
        {key: value for key, _, value in pairs},
        _words(config.get("Entrypoint")),
        _words(config.get("Cmd")),
        str(config.get("User") or ""),
        str(config.get("WorkingDir") or ""),
        str(config.get("StopSignal") or ""),
        dict(config.get("Labels") or {}),
        tuple(sorted(config.get("Volumes") or ())),
        tuple(sorted(config.get("ExposedPorts") or ())),
        bool(config.get("Healthcheck")),
    )


def has_image(engine: Engine, name: str) -> bool:
    """Whether the engine has an image of that name."""
    try:
        read_image(engine, name)
    except ImageMissing:
        return False
    return True


def read_layers(engine: Engine, name: str) -> tuple[Layer, ...]:
    """The history of an image, the oldest step first; raises ImageMissing."""
    steps = engine.read(f"reading the layers of {name}", "GET", f"{_path(name)}/history")
    return tuple(
        Layer(
            str(step.get("CreatedBy") or ""),
            int(step.get("Size") or 0),
            str(step.get("Comment") or ""),
        )
        for step in reversed(steps)
    )


def remove_image(engine: Engine, name: str) -> None:
    """Take a name away, and the image with its last one; nothing when it is not there."""
    try:
        engine.send(f"removing the image {name}", "DELETE", _path(name), params={"force": 1})
    except ImageMissing:
        pass
    except Refused as error:
        if "no such image" not in error.message.lower():
            raise


def _path(name: str) -> str:
    return f"/images/{quote(name, safe=':/@')}"


def _words(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value,)
    return tuple(str(word) for word in value) if isinstance(value, list) else None
