"""A plan in, the picture of its stages out: one below the other, and which is made of which."""

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from mllint.facts.project import Project
from mllint.named_tuple import NamedTuple
from mllint.report.page.drawing import WIDTH, box, group, label, path, picture

_ROW = 58
_HEIGHT = 42
_LANE = 14
_MOST_LANES = 10
_CHAR, _CODE = 7.3, 6.8
"""How wide a letter of a name is, and one of code."""
MOST_STAGES = 40


class StageBox(NamedTuple):
    """A stage as it is drawn; note: the image that it is FROM, "" for one that is FROM a stage."""

    number: int
    name: str
    line: int
    note: str
    ships: bool
    used: bool


class Edge(NamedTuple):
    """That a stage is made of another; copied: by COPY --from or a mount, else by FROM."""

    upper: int
    lower: int
    copied: bool


class StageGraph(NamedTuple):
    """The stages that are shown, in file order; left_out: how many are not."""

    stages: tuple[StageBox, ...]
    edges: tuple[Edge, ...]
    left_out: int = 0


def stage_graph(project: Project) -> StageGraph:
    """The stages of the plan; of very many those that the image is made of, the last ones."""
    judged = {stage.index for stage in project.judged}
    stages = project.stages
    if len(stages) > MOST_STAGES:
        stages = tuple(stage for stage in stages if stage.index in judged)[-MOST_STAGES:]
    shown = {stage.index for stage in stages}
    boxes = tuple(
        StageBox(
            stage.index,
            stage.label if stage.name else f"stage {stage.index}",
            stage.location.span.line,
            "" if stage.parent is not None else stage.base.reference.text,
            project.target is stage,
            stage.index in judged,
        )
        for stage in stages
    )
    edges = []
    for stage in stages:
        if stage.parent in shown and stage.parent is not None:
            edges.append(Edge(stage.parent, stage.index, copied=False))
        others = sorted((stage.copied_from & shown) - {stage.parent})
        edges += [Edge(other, stage.index, copied=True) for other in others]
    return StageGraph(boxes, tuple(edges), len(project.stages) - len(boxes))


def stage_picture(graph: StageGraph) -> Element:
    """The drawing; the stage that ships stands out, one that nothing needs is pale."""
    rows = {stage.number: row for row, stage in enumerate(graph.stages)}
    lanes = list(_lanes(graph.edges))
    left = _LANE * (max(lanes, default=-1) + 1) + (10 if lanes else 0)
    edges = [
        _edge(rows[edge.upper], rows[edge.lower], left, lane, edge.copied)
        for edge, lane in zip(graph.edges, lanes, strict=True)
    ]
    boxes = [_box(stage, rows[stage.number], left) for stage in graph.stages]
    return picture("Stages of the build", len(rows) * _ROW - 8, *edges, *boxes)


def _lanes(edges: Sequence[Edge]) -> Iterator[int]:
    """For each line the place beside the boxes where no other one runs; the last is shared."""
    taken: list[list[Edge]] = []
    for edge in edges:
        lane = next((n for n, lines in enumerate(taken) if not _meets(edge, lines)), len(taken))
        lane = min(lane, _MOST_LANES - 1)
        if lane == len(taken):
            taken.append([])
        taken[lane].append(edge)
        yield lane


def _meets(edge: Edge, others: Sequence[Edge]) -> bool:
    return any(edge.upper < other.lower and other.upper < edge.lower for other in others)


def _edge(upper: int, lower: int, left: float, lane: int, copied: bool) -> Element:
    """From the lower part of one box to the upper part of the other, around what is between."""
    x = left - 10 - lane * _LANE
    begin, end = upper * _ROW + 33, lower * _ROW + 9 + 6 * min(lane, 3)
    way = f"M {left} {begin} H {x + 6} Q {x} {begin} {x} {begin + 6} V {end - 6} "
    way += f"Q {x} {end} {x + 6} {end} H {left - 2} m -5 -4 l 5 4 l -5 4"
    return path(way, "edge copied" if copied else "edge")


def _box(stage: StageBox, row: int, left: float) -> Element:
    y = row * _ROW + 1
    width = WIDTH - left - 1
    kind = "ships" if stage.ships else "stage" if stage.used else "stage unused"
    role = "ships" if stage.ships else "" if stage.used else "not needed"
    most = int((width - 80) / _CHAR)
    note = f"FROM {stage.note}" if stage.note else ""
    return group(
        f"line {stage.line}: {stage.name} {note} {role}".rstrip(),
        box(left, y, width, _HEIGHT, kind),
        label(left + 10, y + 17, stage.name, "strong", most=most),
        label(left + 10, y + 33, note, "code", most=int((width - 86) / _CODE)),
        label(left + width - 8, y + 17, f"line {stage.line}", "small end"),
        label(left + width - 8, y + 33, role, "small end"),
    )
