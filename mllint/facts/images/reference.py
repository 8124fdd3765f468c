"""The text of an image reference in, its parts out, as Docker's reference grammar reads them.

Knows no image and no table.
"""

import re

from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.regex import lazy

# The engine takes the first for the second; the others answer for the same registry.
_DOCKER_HUB = frozenset(
    {"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}
)
_LONGEST_NAME = 255
_SHA256_DIGITS = 64

_REFERENCE = lazy(
    r"""
    (?P<name> [^@]+? )                            # a tag has no slash, a port has one behind it
    (?: : (?P<tag> [A-Za-z0-9_][A-Za-z0-9_.-]{0,127} ) )?
    (?: @ (?P<digest> [A-Za-z][A-Za-z0-9+._-]* : [0-9a-fA-F]{32,} ) )?
    """,
    re.VERBOSE,
)
_REGISTRY = lazy(
    r"""
    (?: [A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?          # a label of the host name
        (?: \. [A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])? )*
      | \[ [0-9a-fA-F:]+ \] )                             # an IPv6 address
    (?: : \d+ )?                                          # a port
    """,
    re.VERBOSE,
)
_PATH = lazy(
    r"""
    [a-z0-9]+ (?: (?: \. | __? | -+ ) [a-z0-9]+ )*        # one component
    (?: / [a-z0-9]+ (?: (?: \. | __? | -+ ) [a-z0-9]+ )* )*
    """,
    re.VERBOSE,
)
_IMAGE_ID = lazy(r"[0-9a-f]{64}")


class ImageReference(NamedTuple):
    """The parts of an image reference.

    registry: host with port, "docker.io" when none is written. repository: without the registry
    and without Docker Hub's implicit `library/` (`python`, `nvidia/cuda`, `nvidia/pytorch`).
    name: how the tables name it: the repository for Docker Hub, `registry/repository` otherwise.
    text: as written.
    """

    text: str
    registry: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def name(self) -> str:
        """`python`, `nvidia/cuda`, `nvcr.io/nvidia/pytorch`."""
        prefix = "" if self.registry == "docker.io" else f"{self.registry}/"
        return prefix + self.repository


def parse_reference(text: str) -> ImageReference | Unknown:
    """The parts of `text` as Docker's reference grammar reads it; Unknown when it does not fit."""
    if len(text) > 4 * _LONGEST_NAME:
        return Unknown("the image reference is too long")
    match = _REFERENCE.fullmatch(text)
    if match is None or _IMAGE_ID.fullmatch(text):
        return Unknown(f"{text!r} is not an image reference")
    registry, path = _split_registry(match["name"])
    if not _REGISTRY.fullmatch(registry) or not _PATH.fullmatch(path):
        upper = " (its name may not hold upper case)" if path != path.lower() else ""
        return Unknown(f"{text!r} is not an image reference{upper}")
    if len(registry) + 1 + len(path) > _LONGEST_NAME:
        return Unknown("the image reference is too long")
    if registry in _DOCKER_HUB:
        registry = "docker.io"
        path = path.removeprefix("library/")
    return ImageReference(text, registry, path, match["tag"], match["digest"])


def reference_refusal(text: str) -> str | None:
    """What the builder says of a name that is no reference; None for one that it may take."""
    if len(text) > _LONGEST_NAME:
        return None
    if _IMAGE_ID.fullmatch(text):
        return f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"
    rest = _split_registry(text)[1]
    path = rest.partition(":")[0]
    if path != path.lower():
        full = path if "/" in text else f"library/{path}"
        return f"invalid reference format: repository name ({full}) must be lowercase"
    parsed = parse_reference(text)
    if isinstance(parsed, Unknown):
        return "invalid reference format"
    algorithm, _, checksum = (parsed.digest or "").partition(":")
    if algorithm == "sha256" and len(checksum) != _SHA256_DIGITS:
        return "invalid checksum digest length"
    return None


def _split_registry(name: str) -> tuple[str, str]:
    """The host and the rest: `localhost/x`, `host:5000/x`, `a.b/x` have one, `nvidia/cuda` not."""
    first, slash, rest = name.partition("/")
    is_host = first == "localhost" or any(char in ".:" or char.isupper() for char in first)
    return (first, rest) if slash and is_host else ("docker.io", name)
