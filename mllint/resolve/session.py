"""The options of a command in, what asks the indexes for it out."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mllint.errors import MllintError
from mllint.facts.project import Project
from mllint.facts.resolution import Answers
from mllint.report.visible import visible
from mllint.resolve.asking import Asking, IndexMap
from mllint.resolve.listings import Listings
from mllint.resolve.request import Manner
from mllint.resolve.resolving import resolve
from mllint.resolve.uv_calls import Caller
from mllint.resolve.uv_program import find_uv

if TYPE_CHECKING:
    from mllint.resolve.contents import Contents
    from mllint.tables.wheel_growth import WheelGrowth

Resolver = Callable[[Project], Project]
_LISTING_TIMEOUT_S = 15.0


class Session:
    """One run of a command: uv is found once, and what an index tells is kept."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Find uv; raises ConfigError where there is none."""
        manner = Manner(find_uv(), options["offline"], options["allow_builds"])
        if options["resolve_timeout"] is not None:
            manner = manner._replace(limit_s=options["resolve_timeout"])
        listings = Listings(min(_LISTING_TIMEOUT_S, manner.limit_s), offline=manner.offline)
        self.asking = Asking(Caller(manner), listings, IndexMap(options["index_map"]))
        self._shown = not options.get("quiet") and sys.stderr.isatty()

    def resolve(self, project: Project) -> Project:
        """The project with the answers; raises MllintError where uv cannot be run."""
        with self._running(project):
            return resolve(project, self.asking, self._tell)

    def contents(
        self, project: Project, answers: Answers, growth: "WheelGrowth"
    ) -> "tuple[Contents, ...]":
        """What the environments will hold; raises MllintError where uv cannot be run."""
        from mllint.resolve.contents import contents_of

        with self._running(project):
            return contents_of(project, answers, self.asking, growth, self._tell)

    @contextmanager
    def _running(self, project: Project) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise MllintError(f"uv cannot be run: {error}", project.path) from error
        finally:
            self._clear()

    def _tell(self, label: str) -> None:
        """Show what is resolved in a line that the next one takes the place of."""
        if self._shown:
            sys.stderr.write(f"\r\x1b[2Kresolving {visible(label)[:70]} …")
            sys.stderr.flush()

    def _clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
