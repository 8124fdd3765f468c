"""What of constraints and copied files was not read, and the reason that is told."""

import pytest

from mllint.config import Settings
from mllint.runner import run


def reasons(folder, text):
    (folder / ".git").mkdir()
    (folder / "Dockerfile").write_text(f"FROM python:3.11-slim\n{text}")
    report = run(("Dockerfile",), folder, Settings(folder))
    return [(note.location.span.line, note.reason) for note in report.unchecked]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("RUN pip install -c /tmp/c.txt numpy\n", 2, "/tmp/c.txt is not copied"),
        ("RUN PIP_CONSTRAINT=https://a.example/c.txt pip install numpy\n", 2, "is not downloaded"),
        ("ARG C\nRUN pip install -c $C numpy\n", 3, "where it lies is not known: ARG C has"),
        ("COPY c.txt /\nRUN pip install -c /c.txt numpy\n", 3, "no build context was found"),
    ],
)
def test_constraints_that_were_not_read_are_told(text, line, reason, tmp_path):
    told = reasons(tmp_path, text)
    assert [place for place, _ in told] == [line]
    assert told[0][1].startswith("a constraint file was not read: ")
    assert reason in told[0][1]


def test_a_source_that_is_nowhere_is_named(tmp_path):
    told = reasons(tmp_path, "COPY gone.txt /\nRUN pip install -r /gone.txt\n")
    assert told == [(3, "no build context was found that holds gone.txt")]


def test_constraints_that_were_read_are_not(tmp_path):
    (tmp_path / "c.txt").write_text("numpy==1.26.4\n")
    assert reasons(tmp_path, "COPY c.txt /\nRUN pip install -c /c.txt numpy\n") == []
