"""Requirements of a project in, the edges by which its lock is entered out."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from mllint.facts.installs.markers import Markers
from mllint.facts.installs.source_projects import Line
from mllint.facts.installs.uv_sources import chosen_source, index_of
from mllint.facts.unknown import Unknown
from mllint.parse.locks.lock import Edge
from mllint.parse.requirements import BadLine

if TYPE_CHECKING:
    from mllint.parse.pyproject import Pyproject


def root_edges(lines: Iterable[Line], project: "Pyproject", markers: Markers) -> Iterator[Edge]:
    """What the lines ask of the lock; a line that is none asks for nothing."""
    for line in lines:
        if isinstance(line, BadLine) or line.name is None:
            continue
        source = chosen_source(line.name, project, markers)
        origin = None
        if source is not None and not isinstance(source, Unknown) and source.named is not None:
            index = index_of(source, project)
            origin = index if isinstance(index, str) else None
        specifier = str(line.requirement.specifier) if line.requirement is not None else None
        yield Edge(
            line.name,
            str(line.marker) if line.marker else None,
            tuple(canonicalize_name(extra) for extra in line.extras),
            origin=origin,
            specifier=None if line.url else specifier,
        )
