"""layer-bloat: a layer deletes what the one before keeps, or holds files a second time."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.system.layer_waste import Cache, Waste, layer_waste
from mllint.finding import Problem, Related
from mllint.tables import Tables

_HELP = {
    Cache.APT_LISTS: "write `&& rm -rf /var/lib/apt/lists/*` at the end of the RUN with the update",
    Cache.PIP: "write `pip install --no-cache-dir`",
    Cache.CONDA: "write `&& conda clean -afy` at the end of the RUN with the install",
}


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each command of the stage that ships that saves nothing or doubles files."""
    stage = project.target
    for waste in layer_waste(project, stage) if stage is not None else ():
        yield Problem(
            waste.execution.location,
            _message(waste),
            _HELP[waste.cache] if waste.cache else f"write `COPY --{_option(waste)}=…` instead",
            related=(Related(waste.made, "the layer that holds them"),),
            stage=stage.label if stage is not None else None,
        )


def _message(waste: Waste) -> str:
    line = waste.made.span.line
    if waste.cache is not None:
        return f"the layer of line {line} keeps {waste.cache.value}: this frees nothing"
    return (
        f"{waste.execution.program} -R writes what line {line} copied to {waste.path} into the "
        "image a second time"
    )


def _option(waste: Waste) -> str:
    return waste.execution.program
