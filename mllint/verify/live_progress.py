"""What happens in a build in, a picture of it on the terminal out; only this module knows rich."""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from rich.console import Console, Group  # noqa: TID251
from rich.live import Live  # noqa: TID251
from rich.spinner import Spinner  # noqa: TID251
from rich.text import Text  # noqa: TID251

from mllint.report.visible import visible
from mllint.verify.building.events import BuildEvent, Listener, Step, StepOutput
from mllint.verify.progress import step_text

_SHOWN_LINES = 6
_LONGEST = 200
_LONGEST_NAME = 70
_MARKS = {"done": ("✓", "green"), "cached": ("✓", "dim green"), "failed": ("✗", "bold red")}


@contextlib.contextmanager
def live_progress(redact: Callable[[str], str]) -> Iterator[Listener]:
    """What to tell the events of a build; the picture goes with the end of the block."""
    console = Console(stderr=True)
    picture = _Picture(redact)
    with Live(picture, console=console, refresh_per_second=8, transient=True) as live:

        def listen(event: BuildEvent) -> None:
            for line in picture.take(event):
                live.console.print(line, highlight=False, soft_wrap=True)

        yield listen


@dataclass(slots=True)
class _Picture:
    """The steps that run, and the last lines that they print; what is over is printed for good."""

    redact: Callable[[str], str]
    begun: float = field(default_factory=time.monotonic)
    running: dict[str, tuple[str, float]] = field(default_factory=dict)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_SHOWN_LINES))
    spinner: Spinner = field(default_factory=lambda: Spinner("dots"))

    def take(self, event: BuildEvent) -> Iterator[Text]:
        """What of the event is to stay on the screen."""
        if isinstance(event, StepOutput):
            # Made safe only where it is shown: a build may print a hundred megabytes.
            self.lines.append(event.text[:_LONGEST])
            return
        yield from self._step(event)

    def _step(self, step: Step) -> Iterator[Text]:
        if step.state == "running":
            self.running.setdefault(step.name, (step_text(step), time.monotonic()))
            return
        name, begun = self.running.pop(step.name, (step_text(step), time.monotonic()))
        mark, style = _MARKS.get(step.state, ("·", "dim"))
        took = "cached" if step.state == "cached" else f"{time.monotonic() - begun:.1f} s"
        yield Text.assemble((mark, style), f" {self._name(name)} ", (took, "dim"))
        self.lines.clear()

    def __rich__(self) -> Group:
        now = time.monotonic()
        shown = list(self.running.values())[-3:]
        names = "; ".join(f"{self._name(name)} {now - begun:.0f} s" for name, begun in shown)
        self.spinner.update(text=Text(names or "working", no_wrap=True, overflow="ellipsis"))
        below = (
            Text(f"  {self._safe(line)}", style="dim", no_wrap=True, overflow="ellipsis")
            for line in self.lines
        )
        return Group(self.spinner, *below)

    def _safe(self, text: str) -> str:
        return visible(self.redact(text))

    def _name(self, text: str) -> str:
        """Of a step, on one line: what a RUN holds may fill the screen."""
        shown = self._safe(text)
        return shown if len(shown) <= _LONGEST_NAME else f"{shown[:_LONGEST_NAME]}…"
