"""What is told while an image is built: safe lines, not too many of them, and a picture."""

import io
import os
import pty
import sys
import threading

from mllint.verify.building.events import Step, StepOutput
from mllint.verify.progress import progress

MAKE = "[2/3] RUN make"
EVENTS = (
    Step("[1/3] FROM busybox", 1, "running"),
    Step("[1/3] FROM busybox", 1, "cached"),
    Step(MAKE, 2, "running"),
    StepOutput(MAKE, 2, "token=s3cret \x1b]0;owned\x07 [bold]as it is[/bold]"),
    StepOutput(MAKE, 2, "::error::no command"),
    Step(MAKE, 2, "done"),
    Step("[3/3] RUN exit 3", 3, "running"),
    Step("[3/3] RUN exit 3", 3, "failed"),
)


def hide(text: str) -> str:
    return text.replace("s3cret", "******")


def told_plainly(events, capsys, **options) -> str:
    with progress(hide, **options) as listener:
        for event in events:
            listener(event)
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_plain_lines(capsys):
    told = told_plainly(EVENTS, capsys).splitlines()
    assert told == [
        "line 1: [1/3] FROM busybox",
        "line 2: [2/3] RUN make",
        "  token=****** \\x1b]0;owned\\x07 [bold]as it is[/bold]",
        "  \\x3a:error::no command",
        "line 3: [3/3] RUN exit 3",
        "line 3: [3/3] RUN exit 3 (failed)",
    ]


def test_quiet(capsys):
    assert told_plainly(EVENTS, capsys, quiet=True) == ""


def test_lines_without_number_and_without_end(capsys):
    events = [StepOutput(MAKE, 2, "x" * 1_000_000)] * 5_000
    told = told_plainly(events, capsys)
    assert len(told) < 1_200_000
    assert told.endswith("is not shown\n")


def test_picture_on_a_terminal(monkeypatch):
    leader, follower = pty.openpty()
    seen = io.BytesIO()

    def read() -> None:
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:
                return
            if not piece:
                return
            seen.write(piece)

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(follower, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "80")
        with progress(hide) as listener:
            for event in EVENTS:
                listener(event)
    reader.join()
    os.close(leader)
    told = seen.getvalue().decode()
    assert "line 1: [1/3] FROM busybox" in told
    assert "✗" in told
    assert "[3/3] RUN exit 3" in told
    assert "\x1b]0;owned" not in told
    assert "s3cret" not in told
