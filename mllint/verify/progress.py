"""What happens in a build in, lines on standard error out; on a terminal a picture that changes."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import click

from mllint.report.visible import commandless, visible
from mllint.verify.building.events import BuildEvent, Listener, Step

_MOST_LINES = 2_000
"""Of one step; builds that print a hundred megabytes are seen, and nobody reads that."""
_LONGEST = 500


@contextlib.contextmanager
def progress(redact: Callable[[str], str], *, quiet: bool = False) -> Iterator[Listener]:
    """What to tell the events of a build; everything shown is safe to print."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        from mllint.verify.live_progress import live_progress

        with live_progress(redact) as listener:
            yield listener
    else:
        yield PlainProgress(redact)


@dataclass(slots=True)
class PlainProgress:
    """A line for each step as it begins or fails, and the lines that it prints, as they come."""

    redact: Callable[[str], str]
    _told: set[str] = field(default_factory=set)
    _lines: dict[str, int] = field(default_factory=dict)

    def __call__(self, event: BuildEvent) -> None:
        """Print it."""
        if isinstance(event, Step):
            if event.name not in self._told or event.state == "failed":
                self._told.add(event.name)
                state = "" if event.state in ("running", "done") else f" ({event.state})"
                self._say(f"{step_text(event)}{state}")
            return
        count = self._lines[event.name] = self._lines.get(event.name, 0) + 1
        if count <= _MOST_LINES:
            self._say(f"  {event.text[:_LONGEST]}")
        elif count == _MOST_LINES + 1:
            self._say("  … what else this step prints is not shown")

    def _say(self, text: str) -> None:
        click.echo(commandless(visible(self.redact(text))), err=True)


def step_text(step: Step) -> str:
    """`line 3: [2/4] RUN make`."""
    return step.name if step.line is None else f"line {step.line}: {step.name}"
