"""The name of a file or its text in, what kind of input it is out; reads no file."""

import re
from enum import Enum

from mllint.parse.compose.names import is_bake_name, is_compose_name
from mllint.regex import lazy


class Kind(Enum):
    """What a file is, for whom it is to be checked."""

    DOCKERFILE = "Dockerfile"
    REQUIREMENTS = "requirements file"
    COMPOSE = "compose file"
    BAKE = "bake file"
    OTHER = "file that a Dockerfile's build reads"


_DOCKERFILE = lazy(
    r"""
    (?: dockerfile | containerfile ) (?: [._\-\ ] .+ )?  # Dockerfile, Dockerfile.gpu, Containerfile
    | .+ [._\-\ ] (?: dockerfile | containerfile )       # gpu.Dockerfile, gpu-Dockerfile
    | (?-i: [A-Z0-9]\w* Dockerfile )                     # GPUDockerfile, not mydockerfile
    | (?-i: Dockerfile [A-Z0-9]\w* )                     # DockerfileGPU, not Dockerfiles
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NO_DOCKERFILE = (
    *("~", ".dockerignore", ".md", ".rst", ".adoc", ".htm", ".html"),
    *(".pdf", ".png", ".svg", ".log"),
    *(".lock", ".orig", ".rej", ".bak", ".old", ".swp", ".diff", ".patch"),
    *(".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".erb", ".mustache", ".in", ".m4"),
    *(".py", ".sh", ".bash", ".ps1", ".bat", ".js", ".ts", ".go", ".rs", ".rb", ".java"),
    *(".c", ".h", ".cpp", ".nix"),
    *(".yml", ".yaml", ".json", ".toml", ".ini", ".cfg", ".xml", ".csv"),
    *(".tar", ".tgz", ".gz", ".zip"),
)
# An image for a language, or code about Dockerfiles: `Dockerfile.java` is found as either.
_DOUBTFUL = (".c", ".cpp", ".go", ".java", ".js", ".ts", ".nix", ".py", ".rb", ".rs", ".sh")
_FIRST_INSTRUCTION = lazy(
    r"""
    (?: [ \t\r]* (?: \#[^\n]* )? \n )*    # blank lines, comments and directives
    [ \t]* (?: FROM | ARG ) [ \t]
    """,
    re.VERBOSE | re.IGNORECASE,
)
_REQUIREMENTS = lazy(
    r"""
    (?: .* [._-] )? (?: requirements? | constraints? ) (?: [._-] .* )? \. (?: txt | in | pip )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_OTHER = lazy(
    r"""
    pyproject\.toml | setup\.(?: py | cfg ) | Pipfile (?: \.lock )? | (?: uv | poetry | pdm )\.lock
    | pylock (?: \.[^.]+ )? \.toml | \.python-version
    | (?: .* [._-] )? environment (?: [._-] .* )? \. ya?ml | conda .* \. ya?ml
    | (?: .* \. )? \.?dockerignore | pip\.conf | \.condarc
    """,
    re.VERBOSE,
)


def kind_by_name(name: str, folder: str = "") -> Kind | None:
    """The kind that a file's name, and that of its folder, tells; None when they tell none."""
    if name == "Dockerfile" or (
        _DOCKERFILE.fullmatch(name) and not name.lower().endswith(_NO_DOCKERFILE)
    ):
        return Kind.DOCKERFILE
    if _REQUIREMENTS.fullmatch(name):
        return Kind.REQUIREMENTS
    if folder in ("requirements", "constraints") and name.endswith((".txt", ".in")):
        return Kind.REQUIREMENTS
    if is_bake_name(name):
        return Kind.BAKE
    return Kind.COMPOSE if is_compose_name(name) else None


def is_read_by_builds(name: str) -> bool:
    """Whether a file of that name leads to the Dockerfiles that read it."""
    return _OTHER.fullmatch(name) is not None


def is_doubtful(name: str) -> bool:
    """Whether only its first instruction tells a Dockerfile of that name from source code."""
    stem, dot, language = name.lower().partition(".")
    return stem in ("dockerfile", "containerfile") and f"{dot}{language}" in _DOUBTFUL


def begins_as_dockerfile(text: str) -> bool:
    """Whether the first thing in the text, comments aside, is FROM or ARG."""
    return _FIRST_INSTRUCTION.match(text) is not None
