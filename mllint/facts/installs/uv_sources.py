"""What a pyproject.toml says about indexes and sources in, where one requirement is looked for out.

`[tool.uv.sources]` and `[[tool.uv.index]]`, and the same of poetry; pip reads neither.
"""

from typing import TYPE_CHECKING

from mllint.facts.installs.install import Indexes
from mllint.facts.installs.markers import Markers
from mllint.facts.unknown import Unknown

if TYPE_CHECKING:
    from mllint.parse.pyproject import Pyproject, Source


def with_project_indexes(indexes: Indexes, project: "Pyproject") -> Indexes:
    """The indexes of a command with those that the project names for everything.

    An option or variable wins over the project's default index.
    """
    general = [index for index in project.indexes if not index.explicit]
    default = next((index.url for index in general if index.default), None)
    others = [index.url for index in general if index.url != default]
    return indexes._replace(
        primary=default if indexes.primary is None else indexes.primary,
        extra=(*indexes.extra, *others),
    )


def chosen_source(
    name: str | None,
    project: "Pyproject",
    markers: Markers,
    extras: frozenset[str] = frozenset(),
    groups: frozenset[str] = frozenset(),
) -> "Source | Unknown | None":
    """The source of one package; None when the project names none that counts here."""
    for source in project.sources.get(name or "", ()):
        holds = markers.holds(source.marker)
        if source.extra is not None and source.extra not in extras:
            continue
        if source.group is not None and source.group not in groups:
            continue
        if holds is None:
            return Unknown(f"the marker of the source of {name}")
        if holds:
            return source
    return None


def index_of(source: "Source", project: "Pyproject") -> str | Unknown:
    """The address of the index that a source names."""
    for index in project.indexes:
        if index.name is not None and index.name == source.named:
            return index.url
    return Unknown(f"the index {source.named} is not named in {project.path}")
