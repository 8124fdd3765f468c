"""The names of a folder's files in, those that Compose and bake read there by themselves out."""

import re
from collections.abc import Collection

from mllint.regex import lazy

# In Compose's own order: the first that is there counts, and one override goes with it
# (https://docs.docker.com/reference/cli/docker/compose/#use--f-to-specify-the-name-and-path).
_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = (
    *("compose.override.yml", "compose.override.yaml"),
    *("docker-compose.override.yml", "docker-compose.override.yaml"),
)
_BAKE = ("docker-bake.json", "docker-bake.override.json")
_ANY_COMPOSE = lazy(r"(?:.*[._-])?compose(?:[._-].*)?\.ya?ml", re.IGNORECASE)
_ANY_BAKE = lazy(r"(?:.*[._-])?docker-bake(?:[._-].*)?\.(?:json|hcl)", re.IGNORECASE)


def is_compose_name(name: str) -> bool:
    """Whether a file of that name is a compose file."""
    return _ANY_COMPOSE.fullmatch(name) is not None


def is_bake_name(name: str) -> bool:
    """Whether a file of that name is a bake file, in JSON or HCL."""
    return _ANY_BAKE.fullmatch(name) is not None


def default_compose_names(names: Collection[str]) -> tuple[str, ...]:
    """The files that `docker compose up` merges in this folder, in order."""
    first = next((name for name in _COMPOSE if name in names), None)
    if first is None:
        return ()
    override = next((name for name in _OVERRIDES if name in names), None)
    return (first,) if override is None else (first, override)


def default_bake_names(names: Collection[str]) -> tuple[str, ...]:
    """The JSON files that `docker buildx bake` merges in this folder, in order."""
    return tuple(name for name in _BAKE if name in names)
