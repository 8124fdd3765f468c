"""model-fetch-at-build: weights are fetched without saying which version of them."""

from collections.abc import Iterator

from mllint.facts.models.fetches import model_fetches
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each judged stage that fetches such weights, on the first of them."""
    for stage in project.judged:
        loose = [fetch for fetch in model_fetches(project, stage) if not fetch.pinned]
        if not loose:
            continue
        more = f" (and {len(loose) - 1} more)" if len(loose) > 1 else ""
        yield Problem(
            location=loose[0].location,
            message=(
                f"{loose[0].what} is fetched at its newest commit{more}: the next build may hold "
                "another model"
            ),
            help="name the commit: `--revision`, `revision=…`, or in the address for `main`",
            related=tuple(Related(f.location, f"{f.what}, too") for f in loose[1:4]),
            stage=stage.label,
        )
