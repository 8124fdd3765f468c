"""What a pyproject.toml lists, in whichever tool's words: requirements, sources, indexes."""

from collections.abc import Iterator

from packaging.utils import canonicalize_name

from mllint.named_tuple import NamedTuple
from mllint.parse.requirements import BadLine, RequirementLine, parse_requirement
from mllint.parse.source import MappedText, Span
from mllint.parse.toml_text import Path, Toml


class GroupInclude(NamedTuple):
    """`{include-group = "test"}` in a dependency group."""

    name: str
    span: Span


Entry = RequirementLine | BadLine | GroupInclude


class Source(NamedTuple):
    """Where one package is taken from in place of the index, as uv and poetry let a project say.

    named: the name of an index. url: a repository, archive or path. marker, extra, group: when
    it counts. span: where it is written.
    """

    named: str | None
    url: str | None
    marker: str | None
    extra: str | None
    group: str | None
    span: Span


class Index(NamedTuple):
    """An index that a project names; `default` takes the place of the public one.

    explicit: asked only for the packages whose source names it.
    """

    name: str | None
    url: str
    default: bool
    explicit: bool


def entries(toml: Toml, listed: object, path: Path) -> Iterator[Entry]:
    """The requirements of the list at `path`, and what it includes; the rest are bad lines."""
    if listed is None:
        return
    if not isinstance(listed, list):
        yield BadLine(f"{path[-1]} is no list of requirements", toml.span(*path))
        return
    for number, item in enumerate(listed):
        place = (*path, number)
        if isinstance(item, str):
            yield requirement_at(toml, item, place)
        elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
            yield GroupInclude(canonicalize_name(item["include-group"]), toml.span(*place))
        else:
            yield BadLine("this is no requirement", toml.span(*place))


def requirement_at(toml: Toml, text: str, path: Path) -> RequirementLine | BadLine:
    """A requirement that stands at `path`."""
    span = toml.span(*path)
    mapped = MappedText(text, (0,), ((span.line, span.column),))
    return parse_requirement(mapped, span=span)


def strings(value: object) -> list[str]:
    """The strings of a list; [] for everything else."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text(value: object) -> str | None:
    """A string that is not empty; None for everything else."""
    return value if isinstance(value, str) and value else None
