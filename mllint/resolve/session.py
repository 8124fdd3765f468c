"""The options of a command in, what asks the indexes for it out."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from mllint.errors import ConfigError, MllintError
from mllint.facts.project import Project
from mllint.facts.resolution import Answers
from mllint.report.visible import visible
from mllint.resolve.asking import Asking, IndexMap
from mllint.resolve.listings import Listings
from mllint.resolve.request import Manner
from mllint.resolve.resolving import Tell, resolve
from mllint.resolve.uv_calls import Caller
from mllint.resolve.uv_program import UvError, find_uv
from mllint.signals import stopped_by_signals

if TYPE_CHECKING:
    from mllint.resolve.contents import Contents
    from mllint.tables.wheel_growth import WheelGrowth

Resolver = Callable[[Project], Project]
_Found = TypeVar("_Found")
_LISTING_TIMEOUT_S = 15.0


class Session:
    """One run of a command: uv is found once, and what an index tells is kept."""

    def __init__(self, options: Mapping[str, Any], asker: str = "--resolve") -> None:
        """Find uv; raises ConfigError where there is none."""
        manner = Manner(find_uv(asker), options["offline"], options["allow_builds"])
        if options["resolve_timeout"] is not None:
            manner = manner._replace(limit_s=options["resolve_timeout"])
        listings = Listings(min(_LISTING_TIMEOUT_S, manner.limit_s), offline=manner.offline)
        self.asking = Asking(Caller(manner), listings, IndexMap(options["index_map"]))
        self._broken = False
        self._shown = not options.get("quiet") and sys.stderr.isatty()

    def resolve(self, project: Project) -> Project:
        """The project with the answers; raises MllintError where uv cannot be run.

        That is said once: the next projects come back without answers.
        """
        if self._broken:
            return project
        with self._running(project.path):
            return resolve(project, self.asking, self._tell)

    def contents(
        self, project: Project, answers: Answers, growth: "WheelGrowth"
    ) -> "tuple[Contents, ...]":
        """What the environments will hold; raises MllintError where uv cannot be run."""
        from mllint.resolve.contents import contents_of

        with self._running(project.path):
            return contents_of(project, answers, self.asking, growth, self._tell)

    def work(self, task: Callable[[Tell], _Found], path: str) -> _Found:
        """What `task` returns, with its progress shown; raises MllintError as above."""
        with self._running(path):
            return task(self._tell)

    @contextmanager
    def _running(self, path: str) -> Iterator[None]:
        try:
            with stopped_by_signals():
                yield
        except UvError as error:
            self._broken = True
            raise ConfigError(error.message) from error
        except OSError as error:
            self._broken = True
            raise MllintError(_unrunnable(error), path) from error
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


def _unrunnable(error: OSError) -> str:
    """`uv cannot be run: /opt/uv: Permission denied`."""
    place = f"{error.filename}: " if error.filename is not None else ""
    return f"uv cannot be run: {place}{error.strerror or error}"
